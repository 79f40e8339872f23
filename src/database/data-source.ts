import { DataSource, type DataSourceOptions } from 'typeorm';
import { migrations } from '../../migrations/index.js';

/**
 * A TypeORM data source for plain reads and writes, and for migrations. The hot path does not go through it: see
 * hot-connection.ts. It never changes the schema by itself.
 */
export function createDataSource(options: {
  url: string;
  entities?: NonNullable<DataSourceOptions['entities']>;
  /** Most connections that it may hold. */
  poolSize?: number;
  /** Cap of a single statement; 0 for none (migrations only). */
  statementTimeoutMs?: number;
}): DataSource {
  return new DataSource({
    type: 'postgres',
    url: options.url,
    entities: options.entities ?? [],
    migrations,
    migrationsTableName: 'schema_migrations',
    migrationsTransactionMode: 'each',
    synchronize: false,
    poolSize: options.poolSize ?? 10,
    applicationName: 'slipway',
    // Nothing may hold a snapshot open for long: vacuum, and with it the queue, would suffer.
    extra: {
      statement_timeout: options.statementTimeoutMs ?? 30_000,
      lock_timeout: 10_000,
      idle_in_transaction_session_timeout: 30_000,
    },
  });
}
