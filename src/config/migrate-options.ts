import { type ConfigOf } from './option.js';
import { serverOptions } from './server-options.js';

/** All that a migration needs to know. */
export const migrateOptions = { databaseUrl: serverOptions.databaseUrl };

/** Settings of `slipway migrate`. */
export type MigrateConfig = ConfigOf<typeof migrateOptions>;
