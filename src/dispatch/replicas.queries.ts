import type { Transaction } from '../database/hot-connection.js';
import { statement } from '../database/statement.js';

/** A replica that was not seen for longer than this counts as silent. */
export const SILENT_AFTER_MS = 5_000;

/**
 * Renews a replica's sign of life. When it lagged, what expired meanwhile was not the workers' fault: the leases of
 * its own sessions move by the lag, in the same statement.
 */
const renew = statement<{ lag_ms: number }>(`
  with before as (select id, seen_at from replicas where id = $1::uuid for no key update),
  lag as (select extract(epoch from slipway_now() - seen_at) * 1000 as ms from before),
  moved as (
    update worker_sessions s set lease_until = s.lease_until + lag.ms * interval '1 millisecond'
    from lag where s.replica_id = $1::uuid and s.state <> 'CLOSED' and lag.ms > ${SILENT_AFTER_MS}
  ),
  seen as (
    insert into replicas (id, seen_at, master_key_ids) values ($1::uuid, slipway_now(), $2::text[])
    on conflict (id) do update set seen_at = slipway_now(), stopped_at = null
  )
  select coalesce((select ms from lag), 0)::double precision as lag_ms`);

/**
 * Tells everybody that this replica lives, and which master keys it has; returns how long it was not seen before, in
 * milliseconds.
 */
export async function renewReplica(
  transaction: Transaction,
  replicaId: string,
  masterKeyIds: readonly string[],
): Promise<number> {
  const [row] = await transaction.run(renew, [replicaId, masterKeyIds]);
  return row?.lag_ms ?? 0;
}

/** Nobody could write for a while: whoever returns first moves every deadline by the gap before anything is reaped. */
const lastSign = statement<{ gap_ms: number | null }>(`
  select (extract(epoch from slipway_now() - max(seen_at)) * 1000)::double precision as gap_ms from replicas`);

const lockReplicas = statement('select id from replicas order by id for update');

const moveSessions = statement(`
  update worker_sessions set lease_until = lease_until + $1::bigint * interval '1 millisecond' where state <> 'CLOSED'`);
const moveJobs = statement(`
  update jobs set queue_deadline = queue_deadline + $1::bigint * interval '1 millisecond' where waiting`);
const moveCancels = statement(`
  update jobs set cancel_deadline = cancel_deadline + $1::bigint * interval '1 millisecond'
  where cancel_deadline is not null`);
const moveLeases = statement(`
  update busy_workers set hard_deadline = hard_deadline + $1::bigint * interval '1 millisecond' where accepted`);
const moveBuilds = statement(`
  update builds b set hard_deadline = b.hard_deadline + $1::bigint * interval '1 millisecond'
  from busy_workers l where l.build_id = b.id and l.accepted`);
const moveReplicas = statement(`update replicas set seen_at = slipway_now()`);

/** Moves every deadline by the time during which no replica was seen, if that was long; returns the gap. */
export async function moveDeadlinesByGap(transaction: Transaction): Promise<number> {
  if ((await gapOf(transaction)) <= SILENT_AFTER_MS) return 0;
  await transaction.run(lockReplicas, []);
  // Once more under the lock: of servers that return together, one moves the deadlines.
  const gapMs = await gapOf(transaction);
  if (gapMs <= SILENT_AFTER_MS) return 0;
  await Promise.all([
    ...[moveJobs, moveCancels, moveBuilds, moveLeases, moveSessions].map((move) =>
      transaction.run(move, [gapMs]),
    ),
    transaction.run(moveReplicas, []),
  ]);
  return gapMs;
}

async function gapOf(transaction: Transaction): Promise<number> {
  const [row] = await transaction.run(lastSign, []);
  return Math.floor(row?.gap_ms ?? 0);
}
