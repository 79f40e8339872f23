import type { DataSource } from 'typeorm';
import { DomainError, ErrorCode } from '../base/errors.js';
import { createDataSource } from './data-source.js';

/** What a run of migrations did, by name, in order. */
export interface MigrationReport {
  readonly applied: readonly string[];
  readonly reverted: readonly string[];
}

/** Brings the schema up to date. Several servers may start at once: one migrates, the others wait for it. */
export async function migrate(url: string): Promise<MigrationReport> {
  return withMigrationLock(url, async (source) => {
    const applied = await source.runMigrations();
    return { applied: applied.map(({ name }) => name), reverted: [] };
  });
}

/** Takes the newest `steps` migrations back; all of them by default. Data of what they made is lost. */
export async function revert(url: string, steps = Number.POSITIVE_INFINITY): Promise<MigrationReport> {
  return withMigrationLock(url, async (source) => {
    const names = await appliedNames(source);
    const reverted = names.toReversed().slice(0, Math.min(steps, names.length));
    for (const _ of reverted) await source.undoLastMigration();
    return { applied: [], reverted };
  });
}

/** Names of migrations that this version knows and the database lacks. */
export async function pendingMigrations(url: string): Promise<readonly string[]> {
  return withSource(url, async (source) => {
    const applied = new Set(await appliedNames(source));
    return source.migrations
      .map((migration) => migration.constructor.name)
      .filter((name) => !applied.has(name));
  });
}

async function appliedNames(source: DataSource): Promise<string[]> {
  const [table] = await source.query<{ exists: boolean }[]>(
    `select to_regclass('schema_migrations') is not null as exists`,
  );
  if (table?.exists !== true) return [];
  const rows = await source.query<{ name: string }[]>('select name from schema_migrations order by id');
  return rows.map(({ name }) => name);
}

/** A session-level lock on a connection of its own: the only advisory lock here, and never on the hot path. */
async function withMigrationLock<T>(url: string, work: (source: DataSource) => Promise<T>): Promise<T> {
  return withSource(url, async (source) => {
    const runner = source.createQueryRunner();
    await runner.query(`set lock_timeout = '5min'`);
    await runner.query(`select pg_advisory_lock(hashtext('slipway migrations'))`);
    try {
      return await work(source);
    } finally {
      await runner.query(`select pg_advisory_unlock(hashtext('slipway migrations'))`);
      await runner.release();
    }
  });
}

async function withSource<T>(url: string, work: (source: DataSource) => Promise<T>): Promise<T> {
  const source = createDataSource({ url, poolSize: 2, statementTimeoutMs: 0 });
  await source.initialize().catch((error: unknown) => {
    throw unreachable(url, error);
  });
  try {
    return await work(source);
  } finally {
    await source.destroy();
  }
}

/** Names host and database alone: a URL may hold a password. */
function unreachable(url: string, cause: unknown): DomainError {
  const { host, pathname } = new URL(url);
  const why = cause instanceof Error && cause.message !== '' ? cause.message : codeOf(cause);
  const message = `the database ${pathname.slice(1)} on ${host} cannot be used: ${why}`;
  return new DomainError(ErrorCode.STORE_UNAVAILABLE, message, {}, { cause });
}

/** What Node throws when every address of a host refuses has a code and no message. */
function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'unknown';
}
