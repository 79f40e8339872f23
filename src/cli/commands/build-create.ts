import type { Command } from 'commander';
import type { CommandModule } from '../command.js';
import { addConnectOptions, connect, type ConnectOptions } from '../client/connect.js';
import { ExitCode } from '../exit-codes.js';
import { type Change, createChange, type CreateChangeInput, type Job, viewJob } from '../operations.js';
import { type Format, outputOption } from '../output/formats.js';
import { verdictOf } from '../job-state.js';
import { jobRowOf, jobView } from '../output/job-view.js';
import { printList } from '../output/print-records.js';
import { gather, parseDurationMs } from '../parse-values.js';
import { parseRepoReference } from '../repo-reference.js';
import { awaitPlan } from '../watch/await-plan.js';
import { explainFailure } from '../watch/explain-failure.js';
import { type WatchOptions, watchJob } from '../watch/watch-job.js';

type ChangeOptions = Omit<CreateChangeInput, 'repo' | 'paths' | 'idempotencyKey'>;

interface Options extends ConnectOptions, ChangeOptions {
  readonly path?: readonly string[];
  readonly idempotencyKey?: string;
  readonly watch?: true;
  readonly timeout?: number;
  readonly output: Format;
}

const EXAMPLES = `
Prints the builds that the change became, with --watch once they are over; exits with 1, and says why, when it became none.
Examples:
  slipway build create sample/hello --watch
  slipway build create acme/site --event push --branch main --commit 4f1c…`;

export const command: CommandModule<Options> = {
  define(command) {
    addConnectOptions(addChangeOptions(command.argument('<repo>', 'org/name')))
      .option('--idempotency-key <key>', 'the same key makes the change only once')
      .option('--watch', 'follow the builds; exit with 1 unless they are green')
      .option('--timeout <duration>', 'give up after this time, with exit code 124', parseDurationMs)
      .addOption(outputOption())
      .addHelpText('after', EXAMPLES);
  },

  async run({ terminal }, [repo = ''], options) {
    parseRepoReference(repo);
    const { server, tokenFile, watch, timeout, output, path, ...given } = options;
    const client = await connect({ ...(server && { server }), ...(tokenFile && { tokenFile }) });
    const watching = { client, terminal, timeoutMs: timeout };
    const input = { ...given, repo, ...(path === undefined ? {} : { paths: path }) };
    const created = await client.request(createChange, { input });
    const change = await awaitPlan(created.createChange, watching);
    const jobs = watch === true ? await watchAll(change, watching) : change.jobs;
    await printList(terminal, jobs.map(jobRowOf), { format: output, view: jobView });
    if (change.jobs.length === 0 && change.state === 'PLANNED')
      terminal.say(change.reason ?? 'Nothing is to be built.');
    return watch === true && !jobs.every(isGreen) ? ExitCode.FAILED : undefined;
  },
};

function addChangeOptions(command: Command): Command {
  return command
    .option('--event <event>', 'what the rulesets of the pipeline see', 'manual')
    .option('--action <action>', 'of the event, such as opened')
    .option('--ref <ref>', 'git ref to build')
    .option('--branch <name>', 'branch to build; by default the repo’s')
    .option('--commit <sha>', 'commit to build; by default the newest of the branch')
    .option('--tag <name>', 'tag to build')
    .option('--target <name>', 'deployment target or schedule, for rulesets')
    .option('--title <text>', 'a word on why')
    .option('--sender <name>', 'who caused it, for rulesets')
    .option('--comment <text>', 'text of the comment, for rulesets')
    .option('--path <file>', 'changed file, for rulesets; may be given several times', gather)
    .option('--project <name>', 'build this project instead of the root');
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
