import { clientOptions } from './client-options.js';
import { migrateOptions } from './migrate-options.js';
import type { OptionTable } from './option.js';
import { serverOptions } from './server-options.js';
import { upOptions } from './up-options.js';
import { workerOptions } from './worker-options.js';

/** A command with the options that it takes from the environment. */
export interface Program {
  readonly command: string;
  readonly about: string;
  readonly options: OptionTable;
}

/** Every program that reads the environment, in the order of docs/configuration.md. */
export const programs: readonly Program[] = [
  { command: 'slipway up', about: 'Everything in one, for one machine (`npm start`).', options: upOptions },
  { command: 'slipway server', about: 'One replica of the control plane.', options: serverOptions },
  { command: 'slipway worker run', about: 'The agent on a machine that builds.', options: workerOptions },
  { command: 'slipway migrate', about: 'Brings the database up to date, or back.', options: migrateOptions },
  { command: 'slipway <other commands>', about: 'The clients of a server.', options: clientOptions },
];

/** Every `SLIPWAY_*` name that means something to one of the programs; they may share one environment file. */
export const knownNames: readonly string[] = [
  ...new Set(programs.flatMap(({ options }) => Object.values(options).map(({ env }) => env))),
].filter((name) => name.startsWith('SLIPWAY_'));
