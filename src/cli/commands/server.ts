import { writeFile } from 'node:fs/promises';
import { createLogger, type Logger } from '../../base/logger.js';
import { readServerConfig, type ServerConfig, serverOptions } from '../../config/index.js';
import type { SlipwayServer } from '../../server.js';
import type { CommandModule } from '../command.js';
import { addConfigFlags, givenFlags } from '../config-flags.js';
import { openParentLink } from '../parent-link.js';
import type { Terminal } from '../terminal.js';
import { untilAborted } from '../until-aborted.js';

interface Options {
  readonly adminTokenFile?: string;
}

const HELP = `
Needs DATABASE_URL (see slipway migrate) and SLIPWAY_MASTER_KEY; docs/configuration.md lists every variable.
At the very first start an administrator token is made and printed once, unless SLIPWAY_ADMIN_TOKEN gives one.`;

export const command: CommandModule<Options> = {
  define(command) {
    addConfigFlags(command, serverOptions)
      .option('--admin-token-file <file>', 'write the administrator token of the first start there, mode 600')
      .addHelpText('after', HELP);
  },

  async run(cli, _args, options) {
    const config = readServerConfig(givenFlags(options, serverOptions));
    const parent = openParentLink();
    const signal = AbortSignal.any([cli.untilStopped(), parent.isGone]);
    const logger = createLogger({ name: 'server', level: config.logLevel });
    const server = await start({ config, logger, signal });
    if (server === undefined) return undefined;
    if (server.adminToken !== undefined)
      await handOver(server.adminToken, cli.terminal, options.adminTokenFile);
    const isHeard = parent.tell({ kind: 'READY', value: server.url });
    if (!isHeard) cli.terminal.say(`slipway server listening on ${server.url}`);
    await untilAborted(signal);
    await server.close();
    return undefined;
  },
};

/** Undefined when it was told to stop before it had started. */
async function start(options: {
  readonly config: ServerConfig;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}): Promise<SlipwayServer | undefined> {
  const { startServer } = await import('../../server.js');
  try {
    return await startServer(options);
  } catch (error) {
    if (options.signal.aborted) return undefined;
    throw error;
  }
}

/** It exists nowhere else in clear: a file that is there already must not be what loses it. */
async function handOver(token: string, terminal: Terminal, file: string | undefined): Promise<void> {
  if (file === undefined) {
    terminal.say('Administrator token, shown this once:');
    terminal.out(`${token}\n`);
    return;
  }
  await writeFile(file, `${token}\n`, { mode: 0o600 });
  terminal.say(`Administrator token written to ${file}`);
}
