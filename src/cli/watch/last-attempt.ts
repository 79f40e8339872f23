import { CliError } from '../cli-error.js';
import type { JobWithBuilds } from '../operations.js';

/** The last attempt that a worker took. Throws a CliError NOT_FOUND when there is none yet. */
export function lastAttempt(job: JobWithBuilds): JobWithBuilds['builds'][number] {
  const build = job.builds.findLast(({ startedAt }) => startedAt !== null) ?? job.builds.at(-1);
  if (build !== undefined) return build;
  throw new CliError('NOT_FOUND', `build ${job.number} has no log yet: it is ${job.state}`, {
    next: `slipway log view ${job.repo.fullName}#${job.number} --follow`,
  });
}
