import type { Client } from '../client/client.js';
import { CliError } from '../cli-error.js';
import { isOver } from '../job-state.js';
import { jobUpdated, type JobWithBuilds, viewJob } from '../operations.js';
import { Spinner } from '../spinner.js';
import type { Terminal } from '../terminal.js';
import { JobNarrator } from './job-narrator.js';

/** Where and for how long a job is watched. */
export interface WatchOptions {
  readonly client: Client;
  readonly terminal: Terminal;
  readonly timeoutMs: number | undefined;
}

/**
 * Follows a job until it is final and says on standard error what changes: the snapshot first, then each change.
 * Resolves with the final job. Throws a CliError TIMED_OUT when it takes longer than allowed; the job goes on.
 */
export async function watchJob(job: JobWithBuilds, options: WatchOptions): Promise<JobWithBuilds> {
  const { client, terminal, timeoutMs } = options;
  const narrator = new JobNarrator(job);
  const spinner = new Spinner(terminal);
  const hints = client.openHints();
  const deadlineMs = performance.now() + (timeoutMs ?? Number.POSITIVE_INFINITY);
  hints.listen(jobUpdated, { job: job.id });
  try {
    for (let seen = job; ; seen = await again(client, seen)) {
      tell(narrator, seen, { terminal, spinner });
      if (isOver(seen.state)) return seen;
      if (performance.now() > deadlineMs) throw timedOut(narrator.name);
      await hints.wait(deadlineMs - performance.now());
    }
  } finally {
    spinner.stop();
    await hints.close();
  }
}

function tell(
  narrator: JobNarrator,
  job: JobWithBuilds,
  to: { readonly terminal: Terminal; readonly spinner: Spinner },
): void {
  const lines = narrator.newLines(job, to.terminal.sayColours);
  if (lines.length > 0) to.spinner.clear();
  for (const line of lines) to.terminal.say(line);
  to.spinner.show(narrator.present(job));
}

async function again(client: Client, job: JobWithBuilds): Promise<JobWithBuilds> {
  return (await client.requestPatiently(viewJob, { id: job.id })).job;
}

function timedOut(name: string): CliError {
  return new CliError('TIMED_OUT', `build ${name} was not over in time; it goes on`, {
    next: `slipway build watch ${name}`,
  });
}
