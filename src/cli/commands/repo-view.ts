import type { CommandModule } from '../command.js';
import { addConnectOptions, connect, type ConnectOptions } from '../client/connect.js';
import { viewRepo } from '../operations.js';
import { type Format, outputOption } from '../output/formats.js';
import { printRecord } from '../output/print-records.js';
import { repoView } from '../output/repo-view.js';
import { parseRepoReference } from '../repo-reference.js';

interface Options extends ConnectOptions {
  readonly output: Format;
}

export const command: CommandModule<Options> = {
  define(command) {
    addConnectOptions(command.argument('<repo>', 'org/name')).addOption(outputOption());
  },

  async run({ terminal }, [reference = ''], { output, ...options }) {
    const names = parseRepoReference(reference);
    const { repo } = await (await connect(options)).request(viewRepo, names);
    await printRecord(terminal, repo, { format: output, view: repoView });
    return undefined;
  },
};
