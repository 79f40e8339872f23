import type { CommandModule } from '../command.js';
import { addConnectOptions, connect, type ConnectOptions } from '../client/connect.js';
import { viewWorker } from '../operations.js';
import { type Format, outputOption } from '../output/formats.js';
import { printRecord } from '../output/print-records.js';
import { workerView } from '../output/worker-view.js';

interface Options extends ConnectOptions {
  readonly output: Format;
}

const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export const command: CommandModule<Options> = {
  define(command) {
    addConnectOptions(command.argument('<worker>', 'hostname or id')).addOption(outputOption());
  },

  async run({ terminal }, [reference = ''], { output, ...options }) {
    const isId = ID.test(reference);
    const variables = { id: isId ? reference : null, hostname: isId ? null : reference };
    const { worker } = await (await connect(options)).request(viewWorker, variables);
    await printRecord(terminal, worker, { format: output, view: workerView });
    return undefined;
  },
};
