import type { Transaction } from '../database/hot-connection.js';
import { statement } from '../database/statement.js';
import { SILENT_AFTER_MS } from './replicas.queries.js';

/** Close reason of a session whose replica fell silent. */
export const ORPHANED = 'orphaned';

/** Number of the last step that every build has before those of its pipeline. */
const CLONE_STEP = 1;

/** How much the reaper does in one go; what is left comes a second later. */
const LIMIT = 500;

/**
 * A session ends by silence only while its replica is seen: of a silent replica the workers could not be heard. Its
 * sessions are orphans, which get `$1` ms from the replica's last sign to resume elsewhere.
 */
const EXPIRED = `
  select s.id, r.seen_at <= slipway_now() - ${SILENT_AFTER_MS} * interval '1 millisecond' as orphaned
  from worker_sessions s join replicas r on r.id = s.replica_id
  where s.state <> 'CLOSED' and slipway_now() > case
    when r.seen_at > slipway_now() - ${SILENT_AFTER_MS} * interval '1 millisecond' then s.lease_until
    else greatest(s.lease_until, r.seen_at + $1::integer * interval '1 millisecond') end`;

/** A session whose lease has run out; `orphaned` when its replica is silent, so that nobody is to blame. */
export interface ExpiredSession {
  readonly id: string;
  readonly orphaned: boolean;
}

const expiredSessions = statement<ExpiredSession>(`${EXPIRED} limit ${LIMIT}`);
const expiredSession = statement<ExpiredSession>(`${EXPIRED} and s.id = $2::uuid`);

/** Sessions whose lease has run out, unless they are renewed in this moment. */
export function findExpiredSessions(transaction: Transaction, orphanMs: number): Promise<ExpiredSession[]> {
  return transaction.run(expiredSessions, [orphanMs]);
}

/** The session, if its lease has run out; for a caller who has locked it. */
export async function findExpiredSession(
  transaction: Transaction,
  sessionId: string,
  orphanMs: number,
): Promise<ExpiredSession | undefined> {
  return (await transaction.run(expiredSession, [orphanMs, sessionId]))[0];
}

/** A lease that has to end. */
export interface EndedLease {
  readonly build_id: string;
  readonly session_id: string;
  readonly accepted: boolean;
}

const abandonedLeases = statement<EndedLease & { readonly orphaned: boolean }>(`
  select l.build_id, l.session_id, l.accepted, coalesce(s.close_reason = '${ORPHANED}', false) as orphaned
  from busy_workers l join worker_sessions s on s.id = l.session_id
  where s.state = 'CLOSED' and s.lease_until < slipway_now()
  limit ${LIMIT}`);

/** Leases of sessions that are closed, once the session's own lease has run out too. */
export function findAbandonedLeases(
  transaction: Transaction,
): Promise<(EndedLease & { readonly orphaned: boolean })[]> {
  return transaction.run(abandonedLeases, []);
}

const overdueBuilds = statement<EndedLease>(`
  select build_id, session_id, accepted from busy_workers where accepted and hard_deadline < slipway_now() limit ${LIMIT}`);

/** Running builds past their hard deadline. */
export function findOverdueBuilds(transaction: Transaction): Promise<EndedLease[]> {
  return transaction.run(overdueBuilds, []);
}

/** For so long a build that prepares too long is looked at; then its hard deadline alone ends it. */
const PREPARATION_WINDOW_MS = 60_000;

/**
 * Builds that should have begun their first step of the pipeline: a lease holds when the build has to end, `timeout_ms`
 * before that its preparation. No column of its own: moved deadlines take it with them, and a lease is never written
 * while it lasts. By `created_at` most leases fall out before anything is joined, by the window all that run for long.
 */
const latePreparations = statement<EndedLease>(`
  select l.build_id, l.session_id, l.accepted from busy_workers l join jobs j on j.id = l.job_id
  where l.accepted and l.created_at < slipway_now() - $1::bigint * interval '1 millisecond'
    and l.hard_deadline - j.timeout_ms * interval '1 millisecond'
      between slipway_now() - ($2::bigint + ${PREPARATION_WINDOW_MS}) * interval '1 millisecond'
        and slipway_now() - $2::bigint * interval '1 millisecond'
    and not exists (
      select 1 from steps s where s.build_id = l.build_id and s.number > ${CLONE_STEP} and s.started_at is not null)
  limit ${LIMIT}`);

/** Builds of which no step has begun `slackMs` after `prepareMs` were over. */
export function findLatePreparations(
  transaction: Transaction,
  { prepareMs, slackMs }: { readonly prepareMs: number; readonly slackMs: number },
): Promise<EndedLease[]> {
  return transaction.run(latePreparations, [prepareMs, slackMs]);
}

const overdueCancels = statement<EndedLease>(`
  select l.build_id, l.session_id, l.accepted from jobs j join busy_workers l on l.job_id = j.id
  where j.cancel_deadline < slipway_now() limit ${LIMIT}`);

/** Builds that were to be canceled by now. */
export function findOverdueCancels(transaction: Transaction): Promise<EndedLease[]> {
  return transaction.run(overdueCancels, []);
}

const overdueJobs = statement<{ id: string }>(`
  select id from jobs where waiting and queue_deadline < slipway_now() order by queue_deadline limit ${LIMIT}`);

/** Jobs that waited too long. */
export async function findOverdueJobs(transaction: Transaction): Promise<string[]> {
  return (await transaction.run(overdueJobs, [])).map(({ id }) => id);
}
