import { addConnectOptions, connect, type ConnectOptions } from '../client/connect.js';
import type { CommandModule } from '../command.js';
import { ExitCode } from '../exit-codes.js';
import { type Format, outputOption } from '../output/formats.js';
import { printList, type RecordView } from '../output/print-records.js';
import { type MasterKeyState, readMasterKeys, rotateMasterKey } from '../secret-operations.js';

interface Options extends ConnectOptions {
  readonly dryRun?: true;
  readonly output: Format;
}

type Use = MasterKeyState['uses'][number] & { readonly isCurrent: boolean };

const LIMIT = 1_000;

const HELP = `
Brings all that is stored under the current master key of the server that answers, while everything runs. Before: every
server has the new key, first in SLIPWAY_MASTER_KEYS_FOR_READING, then as SLIPWAY_MASTER_KEY. After: the old key may go.
May be interrupted and repeated. Exits with 1 while something cannot be brought under it. docs/secrets.md has it all.`;

const view: RecordView<Use> = {
  nameOf: ({ keyId }) => keyId,
  columns: [
    { title: 'KEY', text: ({ keyId }) => keyId },
    { title: 'SEALS', text: ({ envelopes, table }) => `${envelopes} of ${table}` },
    { title: 'CURRENT', text: ({ isCurrent }) => (isCurrent ? 'yes' : 'no') },
  ],
};

export const command: CommandModule<Options> = {
  define(command) {
    addConnectOptions(command)
      .option('--dry-run', 'only show which key seals what')
      .addOption(outputOption())
      .addHelpText('after', HELP);
  },

  async run({ terminal }, _args, { dryRun, output, ...options }) {
    const client = await connect(options);
    if (dryRun === true) {
      const { masterKeys } = await client.request(readMasterKeys, {});
      await printList(terminal, usesOf(masterKeys), { format: output, view });
      if (masterKeys.serversWithout > 0)
        terminal.say(
          `${masterKeys.serversWithout} running server(s) do not have key ${masterKeys.currentKeyId} yet.`,
        );
      return undefined;
    }
    let rewrapped = 0;
    for (;;) {
      const { rotateMasterKey: part } = await client.request(rotateMasterKey, { limit: LIMIT });
      rewrapped += part.rewrapped;
      terminal.say(`${rewrapped} brought under ${part.currentKeyId}, ${part.remaining} left`);
      if (part.remaining > 0 && part.rewrapped > 0) continue;
      await printList(terminal, usesOf(part), { format: output, view });
      for (const reason of part.unreadable) terminal.say(reason);
      return part.remaining === 0 ? undefined : ExitCode.FAILED;
    }
  },
};

function usesOf({ uses, currentKeyId }: MasterKeyState): readonly Use[] {
  return uses.map((use) => ({ ...use, isCurrent: use.keyId === currentKeyId }));
}
