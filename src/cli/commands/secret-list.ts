import { addConnectOptions, connect, type ConnectOptions } from '../client/connect.js';
import type { CommandModule } from '../command.js';
import { type Format, outputOption } from '../output/formats.js';
import { printList } from '../output/print-records.js';
import { secretView } from '../output/secret-view.js';
import { readPages } from '../pages.js';
import { parseCount } from '../parse-values.js';
import { listSecrets } from '../secret-operations.js';
import { addSecretOwnerOptions, readSecretOwner, type SecretOwnerOptions } from '../secret-owner.js';

interface Options extends ConnectOptions, SecretOwnerOptions {
  readonly output: Format;
  readonly limit: number;
}

export const command: CommandModule<Options> = {
  define(command) {
    addConnectOptions(addSecretOwnerOptions(command))
      .option('--limit <n>', 'how many at most', parseCount, 500)
      .addOption(outputOption())
      .addHelpText('after', '\nNames and rules; a value that was set is shown to nobody.');
  },

  async run({ terminal }, _args, { output, limit, ...options }) {
    const owner = readSecretOwner(options);
    const client = await connect(options);
    const secrets = await readPages(
      limit,
      async (page) => (await client.request(listSecrets, { ...owner, ...page })).secrets,
    );
    await printList(terminal, secrets, { format: output, view: secretView });
    if (secrets.length === 0 && output === 'table')
      terminal.say('No secrets. Add one: slipway secret add --help');
    return undefined;
  },
};
