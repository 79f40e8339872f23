import { compileConfig } from './compile-config.js';
import { type ClientConfig, clientOptions } from './client-options.js';
import { compileServerConfig, type Flags } from './compile-server-config.js';
import { type MigrateConfig, migrateOptions } from './migrate-options.js';
import { knownNames } from './programs.js';
import type { ServerConfig } from './server-options.js';
import { type UpConfig, upOptions } from './up-options.js';
import { type WorkerConfig, workerOptions } from './worker-options.js';

// The only file that reads process.env. Each function throws a ValidationError with every problem.

/** Settings of `slipway server` from this process's environment and the flags. */
export function readServerConfig(flags: Flags): ServerConfig {
  return compileServerConfig(process.env, flags);
}

/** Settings of `slipway worker run`. */
export function readWorkerConfig(flags: Flags): WorkerConfig {
  return compileConfig(workerOptions, { env: process.env, flags, knownNames });
}

/** Settings of `slipway migrate`. */
export function readMigrateConfig(): MigrateConfig {
  return compileConfig(migrateOptions, { env: process.env, knownNames });
}

/** Settings of `slipway up`. */
export function readUpConfig(flags: Flags): UpConfig {
  return compileConfig(upOptions, { env: process.env, flags, knownNames });
}

/**
 * Settings of a client command. Other `SLIPWAY_*` names are none of its business: clients also run in places that set
 * some, such as the steps of a build.
 */
export function readClientConfig(flags: Flags): ClientConfig {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => knownNames.includes(name) || !name.startsWith('SLIPWAY_')),
  );
  return compileConfig(clientOptions, { env, flags, knownNames });
}

/** What the terminal's environment says about colour and motion. */
export interface TerminalTraits {
  readonly isDumb: boolean;
  readonly refusesColour: boolean;
}

/** Reads NO_COLOR (any value that is not empty, see no-color.org) and TERM. */
export function readTerminalTraits(): TerminalTraits {
  const { NO_COLOR, TERM } = process.env;
  return { isDumb: TERM === 'dumb', refusesColour: NO_COLOR !== undefined && NO_COLOR !== '' };
}

/** The variable that a user has named for a command to take something from. */
export function readVariable(name: string): string | undefined {
  return process.env[name];
}

/** The environment for a child process of ours: this one's, with the given variables set. */
export function environmentWith(variables: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return { ...process.env, ...variables };
}

/** An environment with nothing of this one's but where programs are found. */
export function bareEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, LC_ALL: 'C' };
}
