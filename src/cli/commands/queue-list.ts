import type { CommandModule } from '../command.js';
import { addConnectOptions, connect, type ConnectOptions } from '../client/connect.js';
import { listQueue, type QueuedJob } from '../operations.js';
import { type Format, outputOption } from '../output/formats.js';
import { jobRowOf, type JobRow } from '../output/job-view.js';
import { printList } from '../output/print-records.js';
import { queueView, whyView } from '../output/queue-view.js';
import { parseCount } from '../parse-values.js';

interface Options extends ConnectOptions {
  readonly output: Format;
  readonly limit: number;
  readonly target?: string;
  readonly why?: true;
}

/** What the API lists at once. */
const MOST = 100;

const NOTES = `
The order in which waiting builds are served as things stand, target by target; those that are held up come last.
AHEAD counts the builds that are served before one: of its concurrency group or repo where that is full, otherwise of
all that its workers could start.
Example: slipway queue list --why --target x86_64-linux`;

export const command: CommandModule<Options> = {
  define(command) {
    addConnectOptions(command)
      .option('--target <target>', 'for this platform alone, such as x86_64-linux')
      .option('--why', 'say of each why it waits')
      .option('--limit <n>', `how many at most, up to ${MOST}`, parseCount, 30)
      .addOption(outputOption())
      .addHelpText('after', NOTES);
  },

  async run({ terminal }, _args, { output, limit, target, why, ...options }) {
    const client = await connect(options);
    const wanted = { first: Math.min(limit, MOST), target: target ?? null };
    const { queue } = await client.request(listQueue, wanted);
    const view = why === true ? whyView : queueView;
    await printList(terminal, queue.next.map(queuedRowOf), { format: output, view });
    if (output === 'table' || output === 'wide')
      terminal.say(`${queue.waiting} waiting, ${queue.active} offered or running.`);
    return undefined;
  },
};

function queuedRowOf(job: QueuedJob): JobRow & Pick<QueuedJob, 'priority' | 'waiting'> {
  return { ...jobRowOf(job), priority: job.priority, waiting: job.waiting };
}
