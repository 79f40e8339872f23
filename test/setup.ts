import { failOnLeaks, surviveLateErrors } from './support/leak-check.js';
import { tearEverythingDown } from './support/teardown.js';

/** Mocha calls it once, after the last test and hook. */
export async function mochaGlobalTeardown(): Promise<void> {
  failOnLeaks();
  surviveLateErrors();
  await tearEverythingDown();
}
