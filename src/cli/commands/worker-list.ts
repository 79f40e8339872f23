import type { CommandModule } from '../command.js';
import { addConnectOptions, connect, type ConnectOptions } from '../client/connect.js';
import { listWorkers } from '../operations.js';
import { type Format, outputOption } from '../output/formats.js';
import { printList } from '../output/print-records.js';
import { workerView } from '../output/worker-view.js';
import { readPages } from '../pages.js';
import { parseCount } from '../parse-values.js';

interface Options extends ConnectOptions {
  readonly output: Format;
  readonly limit: number;
}

export const command: CommandModule<Options> = {
  define(command) {
    addConnectOptions(command)
      .option('--limit <n>', 'how many at most', parseCount, 100)
      .addOption(outputOption());
  },

  async run({ terminal }, _args, { output, limit, ...options }) {
    const client = await connect(options);
    const workers = await readPages(limit, async (page) => (await client.request(listWorkers, page)).workers);
    await printList(terminal, workers, { format: output, view: workerView });
    if (workers.length === 0 && output === 'table')
      terminal.say('No workers. Let one register: slipway worker enrol');
    return undefined;
  },
};
