import type { Client } from '../cli/client/client.js';
import { verdictOf } from '../cli/job-state.js';
import { viewJob } from '../cli/operations.js';
import type { Terminal } from '../cli/terminal.js';
import { awaitPlan } from '../cli/watch/await-plan.js';
import { explainFailure } from '../cli/watch/explain-failure.js';
import { type WatchOptions, watchJob } from '../cli/watch/watch-job.js';
import { describeError } from '../cli/describe-error.js';
import type { Folder } from './folder.js';
import type { Reporter } from './reporter.js';
import { firstSampleBuild } from './sample-build.js';

/** The first time: builds the sample and shows it. Never rejects: a sample that fails must not stop the rest. */
export async function showFirstBuild(
  client: Client,
  folder: Folder,
  terminal: Terminal,
  reporter: Reporter,
): Promise<void> {
  try {
    const change = await firstSampleBuild(client, folder);
    if (change !== undefined) reporter.sampleStarted('sample/hello');
    reporter.nextSteps(change !== undefined);
    if (change === undefined) return;
    const watching: WatchOptions = { client, terminal, timeoutMs: undefined };
    const { jobs } = await awaitPlan(change, watching);
    for (const { id } of jobs) await showJob(id, watching, reporter);
  } catch (error) {
    if (client.signal?.aborted !== true) terminal.say(describeError(error).trimEnd());
  }
}

async function showJob(id: string, watching: WatchOptions, reporter: Reporter): Promise<void> {
  const { job } = await watching.client.request(viewJob, { id });
  const final = await watchJob(job, watching);
  const name = `${final.repo.fullName}#${final.number}`;
  if (verdictOf(final.state) === 'PASSED') return reporter.firstGreen(name);
  reporter.firstNotGreen(name, final.state);
  await explainFailure(watching.client, watching.terminal, final);
}
