/** What is to be undone once, after all tests of this mocha process; in the reverse order of registration. */
const steps: (() => Promise<void>)[] = [];

/** Registers work for the end of the whole run. */
export function afterEverything(step: () => Promise<void>): void {
  steps.push(step);
}

/** Runs all registered work, also when some of it fails; then throws the failures together. */
export async function tearEverythingDown(): Promise<void> {
  const failures: unknown[] = [];
  for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
    try {
      await step();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, 'the test run could not be cleaned up');
}
