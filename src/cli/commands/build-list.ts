import { InvalidArgumentError } from 'commander';
import type { CommandModule } from '../command.js';
import { addConnectOptions, connect, type ConnectOptions } from '../client/connect.js';
import { JOB_STATES, type JobState } from '../job-state.js';
import { type JobsFilter, listJobs } from '../operations.js';
import { type Format, outputOption } from '../output/formats.js';
import { jobRowOf, jobView } from '../output/job-view.js';
import { printList } from '../output/print-records.js';
import { readPages } from '../pages.js';
import { parseCount } from '../parse-values.js';

interface Options extends ConnectOptions, JobsFilter {
  readonly output: Format;
  readonly limit: number;
}

export const command: CommandModule<Options> = {
  define(command) {
    addConnectOptions(command)
      .option('--repo <org/name>', 'of this repo alone')
      .option('--state <state>', 'in this state, such as RUNNING or COMPLETE (green)', parseState)
      .option('--branch <name>', 'of this branch')
      .option('--event <event>', 'caused by this event')
      .option('--limit <n>', 'how many at most', parseCount, 30)
      .addOption(outputOption())
      .addHelpText('after', '\nExample: slipway build list --repo sample/hello --output json');
  },

  async run({ terminal }, _args, { output, limit, repo, state, branch, event, ...options }) {
    const client = await connect(options);
    const filter = withoutUndefined({ repo, state, branch, event });
    const jobs = await readPages(
      limit,
      async (page) => (await client.request(listJobs, { ...page, filter })).jobs,
    );
    await printList(terminal, jobs.map(jobRowOf), { format: output, view: jobView });
    if (jobs.length === 0 && output === 'table')
      terminal.say('No builds. Start one: slipway build create org/name');
    return undefined;
  },
};

function parseState(text: string): JobState {
  const state = JOB_STATES.find((known) => known === text.toUpperCase());
  if (state !== undefined) return state;
  throw new InvalidArgumentError(`Expected one of ${JOB_STATES.join(', ')}.`);
}

function withoutUndefined(filter: Record<string, string | undefined>): JobsFilter {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
}
