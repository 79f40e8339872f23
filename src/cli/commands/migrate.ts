import { InvalidArgumentError } from 'commander';
import { readMigrateConfig } from '../../config/index.js';
import type { CommandModule } from '../command.js';
import type { Terminal } from '../terminal.js';

interface Options {
  readonly down?: number;
  readonly list?: true;
  readonly yes?: true;
}

const HELP = `
Reads DATABASE_URL. Prints the names of the migrations that were applied, taken back, or (--list) wait.`;

export const command: CommandModule<Options> = {
  define(command) {
    command
      .option('--down <n|all>', 'take the newest back; the data of what they made is lost', parseDepth)
      .option('--list', 'only print those that wait')
      .option('-y, --yes', 'do not ask')
      .addHelpText('after', HELP);
  },

  async run({ terminal }, _args, { down, list, yes }) {
    const { databaseUrl } = readMigrateConfig();
    const migrations = await import('../../migrate.js');
    if (list === true) {
      print(terminal, await migrations.pendingMigrations(databaseUrl));
    } else if (down === undefined) {
      print(terminal, (await migrations.migrate(databaseUrl)).applied);
    } else {
      await terminal.confirm('Take migrations back and lose the data of what they made?', yes);
      print(terminal, (await migrations.revert(databaseUrl, down)).reverted);
    }
    return undefined;
  },
};

function print(terminal: Terminal, names: readonly string[]): void {
  terminal.out(names.map((name) => `${name}\n`).join(''));
  if (names.length === 0) terminal.say('Nothing to do.');
}

function parseDepth(text: string): number {
  if (text === 'all') return Number.POSITIVE_INFINITY;
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected a whole number from 1 on, or all.');
}
