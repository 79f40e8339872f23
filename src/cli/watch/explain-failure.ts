import type { Client } from '../client/client.js';
import type { JobWithBuilds, Step } from '../operations.js';
import { jobNameOf } from '../output/job-view.js';
import type { Terminal } from '../terminal.js';
import { lastLines } from './last-lines.js';

const SHOWN_LINES = 20;

/** Says of a job that failed what its failing step said last, and the command for the whole log. */
export async function explainFailure(client: Client, terminal: Terminal, job: JobWithBuilds): Promise<void> {
  const build = job.builds.at(-1);
  const step = build?.steps.find(isFailed);
  if (build === undefined || build.startedAt === null) return;
  const lines = await lastLines(client, { build: build.id, step: step?.number ?? null }, SHOWN_LINES);
  terminal.say('');
  terminal.say(step === undefined ? 'The last lines of the log:' : `The last lines of step ${step.name}:`);
  for (const line of lines) terminal.say(`  ${line}`);
  const name = jobNameOf({ repo: job.repo.fullName, number: job.number });
  terminal.say('');
  terminal.say(
    `The whole log: slipway log view ${name}${step === undefined ? '' : ` --step ${step.number}`}`,
  );
}

function isFailed({ status }: Step): boolean {
  return ['FAILURE', 'ERROR', 'KILLED'].includes(status);
}
