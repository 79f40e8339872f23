import type { Transaction } from '../database/hot-connection.js';
import { statement } from '../database/statement.js';

/** A worker as the opening of a session needs it. */
export interface WorkerRow {
  readonly id: string;
  readonly hostname: string;
  readonly pool_id: string;
  readonly targets: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly build_limit: number;
  readonly identity_key: Buffer;
  readonly key_thumbprint: string;
  readonly revoked: boolean;
}

const WORKER_COLUMNS = `id, hostname, pool_id, targets, labels, build_limit, identity_key, key_thumbprint,
  revoked_at is not null as revoked`;

const findWorkerStatement = statement<WorkerRow>(`select ${WORKER_COLUMNS} from workers where id = $1::uuid`);
// Not `for update`: the foreign key of a new lease holds the worker's row for key share, and must not wait.
const lockWorkerStatement = statement<WorkerRow>(`
  select ${WORKER_COLUMNS} from workers where id = $1::uuid for no key update`);

/** The worker, without a lock. */
export async function findWorker(transaction: Transaction, workerId: string): Promise<WorkerRow | undefined> {
  return (await transaction.run(findWorkerStatement, [workerId]))[0];
}

/** The worker, locked: sessions of one worker open and close one after the other. */
export async function lockWorker(transaction: Transaction, workerId: string): Promise<WorkerRow | undefined> {
  return (await transaction.run(lockWorkerStatement, [workerId]))[0];
}

const useNonceStatement = statement<{ nonce: Buffer }>(`
  insert into used_nonces (nonce, expires_at) values ($1::bytea, $2::timestamptz) on conflict do nothing returning nonce`);

/** Records a challenge as answered; false when it was answered before (a replay). */
export async function useNonce(
  transaction: Transaction,
  nonce: Uint8Array,
  expiresAt: Date,
): Promise<boolean> {
  return (await transaction.run(useNonceStatement, [Buffer.from(nonce), expiresAt])).length === 1;
}

const forgetNonces = statement(
  `delete from used_nonces where expires_at < slipway_now() - interval '1 minute'`,
);

/** Drops nonces whose challenge is refused for its age anyway. */
export async function deleteExpiredNonces(transaction: Transaction): Promise<void> {
  await transaction.run(forgetNonces, []);
}

/** A session that was closed, with what decides the fate of its leases. */
export interface ClosedSession {
  readonly id: string;
  readonly worker_id: string;
  readonly boot_id: string;
  readonly replica_id: string;
}

/**
 * `for update` on the session comes first: a claim holds it `for key share` and is waited for, or finds it locked and
 * skips it. A plain update would let a running claim hand out a lease of the session that it closes.
 */
const lockOpenSessions = statement<{ id: string }>(`
  select id from worker_sessions where worker_id = $1::uuid and state <> 'CLOSED' order by id for update`);

const closeSessionsStatement = statement<ClosedSession>(`
  update worker_sessions set state = 'CLOSED', accepts_work = false, closed_at = slipway_now(), close_reason = $2
  where worker_id = $1::uuid and state <> 'CLOSED'
  returning id, worker_id, boot_id, replica_id`);

const insertSession = statement<{ id: string; epoch: number }>(`
  insert into worker_sessions (worker_id, epoch, replica_id, boot_id, lease_until)
  select $1::uuid, coalesce(max(epoch), 0) + 1, $2::uuid, $3, slipway_now() + $4::integer * interval '1 millisecond'
  from worker_sessions where worker_id = $1::uuid
  returning id, epoch`);

/** Closes whatever session a locked worker has and opens a new one with the next epoch. */
export async function replaceSession(
  transaction: Transaction,
  opening: { workerId: string; replicaId: string; bootId: string; leaseMs: number },
): Promise<{ session: { id: string; epoch: number }; closed: ClosedSession[] }> {
  const { workerId, replicaId, bootId, leaseMs } = opening;
  const [, closed, opened] = await Promise.all([
    transaction.run(lockOpenSessions, [workerId]),
    transaction.run(closeSessionsStatement, [workerId, 'superseded']),
    transaction.run(insertSession, [workerId, replicaId, bootId, leaseMs]),
  ]);
  const [session] = opened;
  if (session === undefined) throw new Error(`no session was opened for worker ${workerId}`);
  return { session, closed };
}

const touchWorker = statement(`
  update workers set last_checked_in_at = slipway_now(), last_fault = $2 where id = $1::uuid`);

/** Notes that a worker was heard of; `fault` says why it is away, null that nothing is the matter. */
export async function noteCheckIn(
  transaction: Transaction,
  workerId: string,
  fault: string | null,
): Promise<void> {
  await transaction.run(touchWorker, [workerId, fault]);
}

const readySession = statement<{ id: string }>(`
  update worker_sessions set state = 'READY', accepts_work = $2
  where id = $1::uuid and state in ('OPENING', 'READY') returning id`);

/** From now on the session is claimable (or, with false, listens without taking work). False when it is closed. */
export async function markReady(
  transaction: Transaction,
  sessionId: string,
  acceptsWork: boolean,
): Promise<boolean> {
  return (await transaction.run(readySession, [sessionId, acceptsWork])).length === 1;
}

const lockSession = statement<{ id: string }>(`
  select id from worker_sessions where id = $1::uuid and state <> 'CLOSED' for update`);

const stopWork = statement(`update worker_sessions set accepts_work = false where id = $1::uuid`);

/** Takes a session out of the claim: its socket is gone or it drains. Its leases stay live. */
export async function stopAcceptingWork(transaction: Transaction, sessionId: string): Promise<void> {
  await Promise.all([transaction.run(lockSession, [sessionId]), transaction.run(stopWork, [sessionId])]);
}

const closeOne = statement<ClosedSession>(`
  update worker_sessions set state = 'CLOSED', accepts_work = false, closed_at = slipway_now(), close_reason = $2
  where id = $1::uuid and state <> 'CLOSED' returning id, worker_id, boot_id, replica_id`);

/** Workers are locked before their sessions, by everybody who locks both. */
const lockWorkerOfSession = statement(`
  select id from workers where id = (select worker_id from worker_sessions where id = $1::uuid) for no key update`);

/** Locks an open session, its worker before it: what is read of it afterwards stays true until the end. */
export async function lockOpenSession(transaction: Transaction, sessionId: string): Promise<void> {
  await Promise.all([
    transaction.run(lockWorkerOfSession, [sessionId]),
    transaction.run(lockSession, [sessionId]),
  ]);
}

/** Closes a session for good. Undefined when it was closed before. */
export async function closeSession(
  transaction: Transaction,
  sessionId: string,
  reason: string,
): Promise<ClosedSession | undefined> {
  const [, , closed] = await Promise.all([
    transaction.run(lockWorkerOfSession, [sessionId]),
    transaction.run(lockSession, [sessionId]),
    transaction.run(closeOne, [sessionId, reason]),
  ]);
  return closed[0];
}

/**
 * Renews leases in one statement for all sessions that beat since the last one, sorted. `lease_until` has no index:
 * for 10,000 workers this costs 2.5 ms of CPU a second, with one 35 ms.
 */
const renewLeases = statement<{ id: string; build_limit: number }>(`
  with session as materialized (
    select id from worker_sessions where id = any($1::uuid[]) and state <> 'CLOSED' order by id for no key update
  )
  update worker_sessions s set last_heartbeat_at = slipway_now(),
    lease_until = slipway_now() + $2::integer * interval '1 millisecond'
  from session where s.id = session.id
  returning s.id, (select build_limit from workers w where w.id = s.worker_id)`);

/** A lease of a session, as its heartbeat is compared with. */
export interface SessionLease {
  readonly session_id: string;
  readonly build_id: string;
  readonly accepted: boolean;
}

const leasesOf = statement<SessionLease>(`
  select session_id, build_id, accepted from busy_workers where session_id = any($1::uuid[])`);

/** Renews the leases of sessions; answers which sessions are still open, with their limit, and what they hold. */
export async function renewSessions(
  transaction: Transaction,
  sessionIds: readonly string[],
  leaseMs: number,
): Promise<{ open: Map<string, number>; leases: SessionLease[] }> {
  const [renewed, leases] = await Promise.all([
    transaction.run(renewLeases, [sessionIds, leaseMs]),
    transaction.run(leasesOf, [sessionIds]),
  ]);
  return { open: new Map(renewed.map(({ id, build_limit }) => [id, build_limit])), leases };
}

const lowerLimit = statement<{ build_limit: number }>(`
  update workers set build_limit = coalesce(least(build_limit, $2::integer), build_limit),
    version = coalesce($3, version), updated_at = slipway_now()
  where id = $1::uuid returning build_limit`);

/** What a worker may say of itself: a lower limit, its version. Its session is locked first, against running claims. */
export async function reportWorker(
  transaction: Transaction,
  report: { workerId: string; sessionId: string; buildLimit: number | null; version: string | null },
): Promise<number | undefined> {
  const [, , rows] = await Promise.all([
    transaction.run(lockWorkerOfSession, [report.sessionId]),
    transaction.run(lockSession, [report.sessionId]),
    transaction.run(lowerLimit, [report.workerId, report.buildLimit, report.version]),
  ]);
  return rows[0]?.build_limit;
}
