import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { readClientConfig } from '../../config/index.js';
import { CliError, usageError } from '../cli-error.js';
import { Client } from './client.js';
import { findInstallation } from './find-installation.js';

/** Options of every command that speaks to a server. */
export interface ConnectOptions {
  readonly server?: string;
  readonly tokenFile?: string;
}

/** Adds the options of {@link ConnectOptions}. */
export function addConnectOptions(command: Command): Command {
  return command
    .option('--server <url>', 'server to talk to (SLIPWAY_SERVER; default: the one of ./.slipway)')
    .option('--token-file <file>', 'file with your user token (or SLIPWAY_TOKEN)');
}

/**
 * The client that the command line, the environment, or the all-in-one server of this directory asks for, in this
 * order. The local administrator token goes to no other server than the one that it belongs to.
 */
export async function connect(options: ConnectOptions): Promise<Client> {
  const config = readClientConfig({ server: options.server, 'token-file': options.tokenFile });
  const installation = await findInstallation(process.cwd());
  const url = config.serverUrl ?? installation?.url;
  if (url === undefined) throw noServer();
  const localTokenFile = installation?.url === url ? installation.adminTokenFile : undefined;
  // A file that is named in the command line is nearer than the environment's token.
  if (options.tokenFile === undefined && config.token !== undefined) {
    return new Client({ url, token: config.token });
  }
  return new Client({ url, token: await readToken(config.tokenFile ?? localTokenFile) });
}

async function readToken(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (cause) {
    throw Object.assign(usageError(`the token file ${file} cannot be read`), { cause });
  }
}

function noServer(): CliError {
  return new CliError('UNREACHABLE', 'no server is known here', {
    next: '`npm start` in the checkout, or set SLIPWAY_SERVER, or give --server URL',
  });
}
