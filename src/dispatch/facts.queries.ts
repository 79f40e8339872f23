import type { Transaction } from '../database/hot-connection.js';
import { statement } from '../database/statement.js';
import type { BuildStatus } from '../builds/builds.state.js';
import type { JobState } from '../jobs/jobs.state.js';

/** A build with its job, node, group, worker and lease, read under the lock of the job. */
export interface BuildFacts {
  readonly build_id: string;
  readonly status: BuildStatus;
  readonly attempt: number;
  readonly worker_id: string;
  readonly hostname: string;
  readonly slot: number;
  readonly result_sha256: Buffer | null;
  readonly job_id: string;
  readonly job_state: JobState;
  readonly attempts: number;
  readonly max_attempts: number;
  /** Offers that were refused or not acknowledged; withdrawn ones do not count. */
  readonly refusals: number;
  readonly max_refusals: number;
  readonly timeout_ms: number;
  readonly node_id: string;
  readonly group_id: string;
  readonly repo_id: string;
  readonly lane_id: string;
  readonly target: string;
  /** Name of the job's project, `origin/name`. */
  readonly project: string;
  /** Session of the live lease; null when the lease is gone. */
  readonly lease_session_id: string | null;
  readonly accepted: boolean;
  readonly hard_deadline_ms: number | null;
  /** The lease's session takes no more work: its agent drains. */
  readonly draining: boolean;
}

// References from build to job, node and group never change: they are read without a lock, to know what to lock.
const lockGroups = statement(`
  select id from groups where id in (
    select j.group_id from builds b join jobs j on j.id = b.job_id where b.id = any($1::uuid[]))
  order by id for no key update`);

const lockJobs = statement(`
  select id from jobs where id in (select job_id from builds where id = any($1::uuid[]))
  order by id for no key update`);

/** Locks the jobs of builds, for a statement after it that writes builds and leases. */
export async function lockJobsOfBuilds(transaction: Transaction, buildIds: readonly string[]): Promise<void> {
  await transaction.run(lockJobs, [buildIds]);
}

/** In a statement of its own: its snapshot is younger than the locks, so that what it reads is what is true. */
const readFacts = statement<BuildFacts>(`
  select b.id as build_id, b.status, b.attempt, b.worker_id, w.hostname, b.slot, b.result_sha256,
    j.id as job_id, j.state as job_state, j.attempts, j.max_attempts, j.refusals, j.max_refusals, j.timeout_ms,
    j.group_project_id as node_id, j.group_id, j.repo_id, j.lane_id, j.target, p.name as project,
    l.session_id as lease_session_id, coalesce(l.accepted, false) as accepted,
    (extract(epoch from l.hard_deadline - slipway_now()) * 1000)::double precision as hard_deadline_ms,
    coalesce(not s.accepts_work, false) as draining
  from builds b
  join jobs j on j.id = b.job_id
  join projects p on p.id = j.project_id
  join workers w on w.id = b.worker_id
  left join busy_workers l on l.build_id = b.id
  left join worker_sessions s on s.id = l.session_id
  where b.id = any($1::uuid[])`);

/** Locks the jobs of builds, in the order that everybody keeps, and reads what is true of them. */
export async function lockBuildFacts(
  transaction: Transaction,
  buildIds: readonly string[],
  options: { withGroups: boolean },
): Promise<Map<string, BuildFacts>> {
  const locks = options.withGroups ? [lockGroups, lockJobs] : [lockJobs];
  const locked = locks.map((lock) => transaction.run(lock, [buildIds]));
  const facts = transaction.run(readFacts, [buildIds]);
  await Promise.all([...locked, facts]);
  return new Map((await facts).map((row) => [row.build_id, row]));
}
