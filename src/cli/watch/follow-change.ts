import type { Command } from 'commander';
import { ExitCode } from '../exit-codes.js';
import { verdictOf } from '../job-state.js';
import { type Change, type Job, viewJob } from '../operations.js';
import { type Format, outputOption } from '../output/formats.js';
import { jobRowOf, jobView } from '../output/job-view.js';
import { printList } from '../output/print-records.js';
import { parseDurationMs } from '../parse-values.js';
import { awaitPlan } from './await-plan.js';
import { explainFailure } from './explain-failure.js';
import { type WatchOptions, watchJob } from './watch-job.js';

/** Options of a command that makes a change. */
export interface FollowOptions {
  readonly watch?: true;
  readonly timeout?: number;
  readonly output: Format;
}

/** Adds {@link FollowOptions}. */
export function addFollowOptions(command: Command): Command {
  return command
    .option('--watch', 'follow the builds; exit with 1 unless they are green')
    .option('--timeout <duration>', 'give up after this time, with exit code 124', parseDurationMs)
    .addOption(outputOption());
}

/** How a change is followed. */
export interface Following extends WatchOptions {
  readonly watch: boolean;
  readonly output: Format;
}

/**
 * Waits for the plan of a change and prints the builds that it became, with `watch` once they are over. Gives the exit
 * code: FAILED when one that was watched is not green. Throws a CliError when the change became none.
 */
export async function followChange(received: Change, following: Following): Promise<ExitCode | undefined> {
  const { terminal, watch, output } = following;
  const change = await awaitPlan(received, following);
  const jobs = watch ? await watchAll(change, following) : change.jobs;
  await printList(terminal, jobs.map(jobRowOf), { format: output, view: jobView });
  if (change.jobs.length === 0 && change.state === 'PLANNED')
    terminal.say(change.reason ?? 'Nothing is to be built.');
  return watch && !jobs.every(isGreen) ? ExitCode.FAILED : undefined;
}

/** The jobs as they ended, each told of while it lasted. */
async function watchAll(change: Change, options: WatchOptions): Promise<Job[]> {
  const ended: Job[] = [];
  for (const { id } of change.jobs) ended.push(await watchOne(id, options));
  return ended;
}

async function watchOne(id: string, options: WatchOptions): Promise<Job> {
  const { job } = await options.client.request(viewJob, { id });
  const final = await watchJob(job, options);
  if (verdictOf(final.state) === 'FAILED') await explainFailure(options.client, options.terminal, final);
  return final;
}

function isGreen({ state }: Job): boolean {
  return verdictOf(state) === 'PASSED';
}
