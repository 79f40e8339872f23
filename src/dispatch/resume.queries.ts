import type { Transaction } from '../database/hot-connection.js';
import { statement } from '../database/statement.js';
import type { ClaimedBuild } from './claim.queries.js';

/** A live lease of a worker, with the boot of the session that it belongs to. */
export interface WorkerLease {
  readonly build_id: string;
  readonly session_id: string;
  readonly accepted: boolean;
  readonly boot_id: string;
  readonly hard_deadline_ms: number | null;
}

const workerLeases = statement<WorkerLease>(`
  select l.build_id, l.session_id, l.accepted, s.boot_id,
    (extract(epoch from l.hard_deadline - slipway_now()) * 1000)::double precision as hard_deadline_ms
  from busy_workers l join worker_sessions s on s.id = l.session_id where l.worker_id = $1::uuid`);

/** Live leases of a worker, of whichever session. */
export function findWorkerLeases(transaction: Transaction, workerId: string): Promise<WorkerLease[]> {
  return transaction.run(workerLeases, [workerId]);
}

const lockJobs = statement(`
  select j.id from busy_workers l join jobs j on j.id = l.job_id where l.build_id = any($1::uuid[])
  order by j.id for no key update of j`);

const lockOwnSession = statement<{ id: string }>(`
  select id from worker_sessions where id = $1::uuid and state <> 'CLOSED' for key share`);

const moveLeasesStatement = statement<{ build_id: string }>(`
  update busy_workers set session_id = $2::uuid
  where build_id = any($1::uuid[])
    and exists (select 1 from worker_sessions s where s.id = $2::uuid and s.state <> 'CLOSED')
  returning build_id`);

/**
 * Gives leases to the session that resumes them; answers which were still there. Jobs before the session: who waits
 * for a job must not hold a session, for which the next opening waits while it holds the worker that the job's end
 * wants.
 */
export async function moveLeases(
  transaction: Transaction,
  buildIds: readonly string[],
  sessionId: string,
): Promise<Set<string>> {
  if (buildIds.length === 0) return new Set();
  const [, , moved] = await Promise.all([
    transaction.run(lockJobs, [buildIds]),
    transaction.run(lockOwnSession, [sessionId]),
    transaction.run(moveLeasesStatement, [buildIds, sessionId]),
  ]);
  return new Set(moved.map(({ build_id }) => build_id));
}

const offeredBuilds = statement<ClaimedBuild>(`
  select b.id as build_id, j.id as job_id, j.group_id, j.repo_id, j.lane_id, l.session_id, b.worker_id, b.slot,
    b.attempt, b.offer, j.number, o.name || '/' || r.name as repo, p.name as project, j.target, j.event, j.branch,
    j.vcs_url, j.vcs_ref, j.vcs_commit, j.timeout_ms, s.body as spec
  from busy_workers l
  join builds b on b.id = l.build_id
  join jobs j on j.id = l.job_id
  join repos r on r.id = j.repo_id
  join organisations o on o.id = r.organisation_id
  join projects p on p.id = j.project_id
  join job_specs s on s.sha256 = j.spec_sha256
  where l.build_id = any($1::uuid[]) and not l.accepted`);

/** Offers that are to be pushed again, as the claim had given them. */
export function findOfferedBuilds(
  transaction: Transaction,
  buildIds: readonly string[],
): Promise<ClaimedBuild[]> {
  return transaction.run(offeredBuilds, [buildIds]);
}

/** An offer is pushed as soon as its claim has committed; after this long, the claim's answer was lost. */
const PUSHED_WITHIN_MS = 2_000;

/** What the rows want of a session: a build to cancel, an offer to push, or that it is over. */
export interface SessionAttention {
  readonly session_id: string;
  readonly closed: boolean;
  readonly cancel_build_id: string | null;
  /** An offer that should have been pushed by now. */
  readonly offer_build_id: string | null;
  readonly reason: string | null;
}

const attention = statement<SessionAttention>(`
  select s.id as session_id, s.state = 'CLOSED' as closed, null::uuid as cancel_build_id,
    null::uuid as offer_build_id, s.close_reason as reason
  from worker_sessions s where s.id = any($1::uuid[]) and s.state = 'CLOSED'
  union all
  select l.session_id, false, l.build_id, null, null
  from busy_workers l join jobs j on j.id = l.job_id
  where l.session_id = any($1::uuid[]) and j.state = 'CANCEL_PENDING'
  union all
  select l.session_id, false, null, l.build_id, null
  from busy_workers l
  where l.session_id = any($1::uuid[]) and not l.accepted
    and l.created_at < slipway_now() - ${PUSHED_WITHIN_MS} * interval '1 millisecond'`);

/** What waits for the agents of these sessions. */
export function findAttention(
  transaction: Transaction,
  sessionIds: readonly string[],
): Promise<SessionAttention[]> {
  return transaction.run(attention, [sessionIds]);
}
