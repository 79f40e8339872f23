/** What `slipway migrate` and the all-in-one mode need of the database: its schema, and nothing else. */
export { migrate, pendingMigrations, revert } from './database/migrate.js';
