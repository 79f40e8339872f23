import type { PageKey, PageRequest } from '../database/page-key.js';
import type { Queryable } from '../database/queryable.js';
import type { JobState } from './jobs.state.js';

/** Which jobs; what is undefined is not looked at. */
export interface JobFilter {
  readonly repoId: string | undefined;
  readonly state: JobState | undefined;
  readonly branch: string | undefined;
  readonly event: string | undefined;
}

/** Microseconds since the epoch: a Date has only milliseconds, and a page would repeat or leave out its neighbours. */
const CREATED_US = '(extract(epoch from created_at) * 1000000)::bigint';

/** A page of jobs, newest first. Conditions are put in only where needed, so that each kind of list gets its own plan. */
export async function listJobs(db: Queryable, page: PageRequest & JobFilter): Promise<readonly PageKey[]> {
  const values: unknown[] = [page.limit];
  const parameter = (value: unknown): string => `$${values.push(value)}`;
  const conditions = [
    page.repoId !== undefined ? `repo_id = ${parameter(page.repoId)}` : '',
    page.state !== undefined ? `state = ${parameter(page.state)}` : '',
    page.branch !== undefined ? `branch = ${parameter(page.branch)}` : '',
    page.event !== undefined ? `event::text = ${parameter(page.event)}` : '',
    page.after ? `(created_at, id) < (${timeOf(parameter(page.after[0]))}, ${parameter(page.after[1])})` : '',
  ].filter((condition) => condition !== '');
  const { rows } = await db.query<{ id: string; createdUs: string }>(
    `select id, ${CREATED_US}::text as "createdUs" from jobs
     where ${conditions.join(' and ') || 'true'}
     order by created_at desc, id desc limit $1`,
    values,
  );
  return rows.map((row) => ({ id: row.id, sortedBy: [row.createdUs, row.id] }));
}

/** Id of the job that people call "build `number`" of a repo. */
export async function findJobId(
  db: Queryable,
  job: { readonly repoId: string; readonly number: number },
): Promise<string | undefined> {
  const { rows } = await db.query<{ id: string }>('select id from jobs where repo_id = $1 and number = $2', [
    job.repoId,
    job.number,
  ]);
  return rows[0]?.id;
}

function timeOf(microseconds: string): string {
  return `timestamptz 'epoch' + ${microseconds}::bigint * interval '1 microsecond'`;
}
