import { readFile } from 'node:fs/promises';
import type { Pool } from 'pg';

/** What a database server has done so far. */
export interface PostgresUsage {
  /** CPU of its processes in microseconds; null when they are not on this machine or it does not tell. */
  readonly cpuUs: number | null;
  readonly commits: number;
  readonly walBytes: number;
}

/** `/proc` counts in hundredths of a second on every Linux that Node runs on. */
const TICK_US = 10_000;

/** Reads what the database server has used. */
export async function readPostgresUsage(pool: Pool): Promise<PostgresUsage> {
  const { rows } = await pool.query<{ pids: number[]; commits: string; wal: string }>(`
    select (select array_agg(pid) from pg_stat_activity) as pids,
      (select xact_commit from pg_stat_database where datname = current_database()) as commits,
      pg_current_wal_lsn() - '0/0'::pg_lsn as wal`);
  const [row] = rows;
  if (row === undefined) throw new Error('the database told nothing of itself');
  return { cpuUs: await cpuOf(row.pids), commits: Number(row.commits), walBytes: Number(row.wal) };
}

async function cpuOf(pids: readonly number[]): Promise<number | null> {
  const each = await Promise.all(pids.map(cpuOfProcess));
  if (each.some((us) => us === null)) return null;
  return each.reduce<number>((sum, us) => sum + (us ?? 0), 0);
}

/** Null for a process that is not PostgreSQL: then the database is elsewhere and its ids mean nothing here. */
async function cpuOfProcess(pid: number): Promise<number | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const [, name = '', rest = ''] = /^\d+ \((.*)\) (.*)/.exec(stat) ?? [];
  if (!name.startsWith('postgres')) return null;
  const fields = rest.split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_US;
}
