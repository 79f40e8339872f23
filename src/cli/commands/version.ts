import type { CommandModule } from '../command.js';
import { version } from '../../base/package-version.js';

export const command: CommandModule<object> = {
  define() {
    // It takes nothing.
  },

  run({ terminal }) {
    terminal.out(`${version()}\n`);
    return Promise.resolve(undefined);
  },
};
