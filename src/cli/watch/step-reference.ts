import { CliError } from '../cli-error.js';
import type { Build } from '../operations.js';

/** The number of the step that a name or a number means; null for all steps. Throws a CliError NOT_FOUND. */
export function stepNumberOf(build: Build, reference: string | undefined): number | null {
  if (reference === undefined) return null;
  const byName = build.steps.find(({ name }) => name === reference);
  const found = byName ?? build.steps.find(({ number }) => String(number) === reference);
  if (found !== undefined) return found.number;
  const names = build.steps.map(({ number, name }) => `${number} ${name}`).join(', ') || 'none yet';
  throw new CliError('NOT_FOUND', `step ${JSON.stringify(reference)} was not found; the steps are: ${names}`);
}
