import type { BuildStatus } from '../../../src/builds/builds.state.js';
import type { JobState } from '../../../src/jobs/jobs.state.js';
import type { TestDatabase } from '../database.js';

/** What tests ask of a job's row. */
export interface JobRow {
  readonly id: string;
  readonly state: JobState;
  readonly attempts: number;
  readonly offers: number;
  readonly refusals: number;
  readonly failure_kind: string | null;
  readonly error: string | null;
}

/** The jobs of a group, oldest number first. */
export function jobsOf(database: TestDatabase, groupId: string): Promise<JobRow[]> {
  return database.query<JobRow>('select * from jobs where group_id = $1 order by number', [groupId]);
}

/** The only job of a group. */
export async function jobOf(database: TestDatabase, groupId: string): Promise<JobRow> {
  return only(await jobsOf(database, groupId));
}

/** Statuses of the builds of a group's jobs, in the order of their offers. */
export async function buildStatuses(database: TestDatabase, groupId: string): Promise<BuildStatus[]> {
  const rows = await database.query<{ status: BuildStatus }>(
    `select b.status from builds b join jobs j on j.id = b.job_id where j.group_id = $1 order by j.number, b.offer`,
    [groupId],
  );
  return rows.map(({ status }) => status);
}

/** State of a group. */
export async function groupState(database: TestDatabase, groupId: string): Promise<string> {
  return only(await database.query<{ state: string }>('select state from groups where id = $1', [groupId]))
    .state;
}

const TABLES = [
  'changes',
  'groups',
  'group_projects',
  'jobs',
  'builds',
  'busy_workers',
  'steps',
  'log_chunks',
  'work_history',
  'work_backoff',
  'job_backoff',
  'workers',
  'worker_sessions',
];

/**
 * Every row that an agent could change, as one text: what is refused leaves it as it was. Without the status of
 * workers, which follows their leases a moment later.
 */
export async function dump(database: TestDatabase): Promise<string> {
  const rows = await database.query<{ rows: unknown }>(
    TABLES.map(
      (table) => `select jsonb_agg(row order by row::text) as rows from (
         select to_jsonb(t) - ${table === 'workers' ? `'{status,updated_at,last_status_update_at}'::text[]` : `''`} as row from ${table} t) t`,
    ).join(' union all '),
  );
  return JSON.stringify(rows, null, 1);
}

/** The one item of a list. */
export function only<Item>(items: readonly Item[]): Item {
  const [item] = items;
  if (items.length !== 1 || item === undefined) throw new Error(`expected one item, got ${items.length}`);
  return item;
}
