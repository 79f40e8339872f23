import type { Transaction } from '../database/hot-connection.js';
import { statement } from '../database/statement.js';
import type { JobState } from '../jobs/jobs.state.js';

/** A job under lock, with the session that its live build belongs to, if it has one. */
export interface LockedJob {
  readonly id: string;
  readonly state: JobState;
  readonly node_id: string;
  readonly group_id: string;
  readonly repo_id: string;
  readonly session_id: string | null;
}

const lockGroups = statement(`
  select id from groups where id in (select group_id from jobs where id = any($1::uuid[])) order by id for no key update`);

const lockJobs = statement(`select id from jobs where id = any($1::uuid[]) order by id for no key update`);

const readJobs = statement<LockedJob>(`
  select j.id, j.state, j.group_project_id as node_id, j.group_id, j.repo_id, l.session_id
  from jobs j left join busy_workers l on l.job_id = j.id where j.id = any($1::uuid[])`);

/** Locks jobs and their groups, in the order that everybody keeps, and reads what is true of them. */
export async function lockJobsAndGroups(
  transaction: Transaction,
  jobIds: readonly string[],
): Promise<Map<string, LockedJob>> {
  const [, , jobs] = await Promise.all([
    transaction.run(lockGroups, [jobIds]),
    transaction.run(lockJobs, [jobIds]),
    transaction.run(readJobs, [jobIds]),
  ]);
  return new Map(jobs.map((job) => [job.id, job]));
}

const endPending = statement(`
  update jobs j set state = e.state, failure_kind = e.failure_kind, error = e.error, finished_at = slipway_now(),
    updated_at = slipway_now()
  from unnest($1::uuid[], $2::job_state[], $3::text[], $4::text[]) e(id, state, failure_kind, error)
  where j.id = e.id and j.state = 'PENDING'`);

/** How a job ends that no worker has. */
export interface PendingEnding {
  readonly jobId: string;
  readonly state: 'CANCEL_COMPLETE' | 'FAILED';
  readonly failureKind: string;
  readonly error: string | null;
  /** A job that a worker has by now is left alone. */
  readonly onlyWaiting?: boolean;
}

/** Ends jobs that are PENDING; the caller has locked them and folds their nodes. */
export async function endPendingJobs(
  transaction: Transaction,
  endings: readonly PendingEnding[],
): Promise<void> {
  if (endings.length === 0) return;
  await transaction.run(endPending, [
    endings.map(({ jobId }) => jobId),
    endings.map(({ state }) => state),
    endings.map(({ failureKind }) => failureKind),
    endings.map(({ error }) => error),
  ]);
}

const requestCancel = statement(`
  update jobs set state = 'CANCEL_PENDING', cancel_deadline = slipway_now() + $2::integer * interval '1 millisecond',
    updated_at = slipway_now()
  where id = any($1::uuid[]) and state in ('PROCESSING', 'RUNNING')`);

/** Asks for the end of jobs that a worker has, which has `deadlineMs` before its lease is revoked. */
export async function requestCancels(
  transaction: Transaction,
  jobIds: readonly string[],
  deadlineMs: number,
): Promise<void> {
  if (jobIds.length > 0) await transaction.run(requestCancel, [jobIds, deadlineMs]);
}

const acknowledge = statement(`
  with job as materialized (
    select j.id from busy_workers l join jobs j on j.id = l.job_id
    where l.build_id = any($1::uuid[]) and j.state = 'CANCEL_PENDING' order by j.id for no key update of j
  )
  update jobs set state = 'CANCEL_PROCESSING', updated_at = slipway_now() from job where jobs.id = job.id`);

/** Notes that the agents of these builds have heard of the cancel. */
export async function acknowledgeCancels(
  transaction: Transaction,
  buildIds: readonly string[],
): Promise<void> {
  if (buildIds.length > 0) await transaction.run(acknowledge, [buildIds]);
}
