import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { readUpConfig, upOptions } from '../../config/index.js';
import { CliError } from '../cli-error.js';
import type { CommandModule } from '../command.js';

interface Options {
  readonly dir?: string;
  readonly yes?: true;
}

export const command: CommandModule<Options> = {
  define(command) {
    command
      .option('--dir <directory>', 'the directory that `slipway up` used (SLIPWAY_DIR, default .slipway)')
      .option('-y, --yes', 'do not ask');
  },

  async run({ terminal }, _args, { dir, yes }) {
    const config = readUpConfig(dir === undefined ? {} : { [upOptions.dir.flag ?? 'dir']: dir });
    const { resetFolder } = await import('../../up/index.js');
    if (!existsSync(config.dir)) throw new CliError('NOT_FOUND', `there is no ${config.dir} here`);
    await terminal.confirm(`Delete ${resolve(config.dir)} with its database, keys and worker?`, yes);
    await resetFolder(config.dir);
    terminal.say(`${config.dir} is gone.`);
    return undefined;
  },
};
