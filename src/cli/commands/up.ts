import { readUpConfig, upOptions } from '../../config/index.js';
import type { CommandModule } from '../command.js';
import { addConfigFlags, givenFlags } from '../config-flags.js';

const HELP = `
Starts PostgreSQL (embedded, unless DATABASE_URL is given), the server and a local worker, and builds a sample repo the
first time. Ctrl-C stops everything; the data stay, and starting again goes on. slipway reset deletes them.`;

export const command: CommandModule<object> = {
  define(command) {
    addConfigFlags(command, upOptions).addHelpText('after', HELP);
  },

  async run(cli, _args, options) {
    const config = readUpConfig(givenFlags(options, upOptions));
    const signals = { stop: cli.untilStopped(), hurry: cli.untilHurried() };
    const { runUp } = await import('../../up/index.js');
    await runUp({ config, terminal: cli.terminal, ...signals });
    return undefined;
  },
};
