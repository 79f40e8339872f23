import type { Transaction } from '../database/hot-connection.js';
import { statement } from '../database/statement.js';

const lockWorkers = statement(
  `select id from workers where id = any($1::uuid[]) order by id for no key update`,
);

/**
 * The seed's five statuses, computed: the first that holds. While the lease of a lost session lives, the status stays.
 * In a statement after the lock, so that it counts the leases as they are, and only where something changes.
 */
const refreshStatus = statement(`
  with now_is as materialized (
    select w.id,
      case
        when w.revoked_at is not null or (s.id is null and leases.count = 0) then 'UNREGISTERED'
        when w.maintenance_until > slipway_now() then 'MAINTENANCE'
        when leases.count >= w.build_limit then 'BUSY'
        else 'AVAILABLE'
      end::worker_status as status
    from workers w
    left join worker_sessions s on s.worker_id = w.id and s.state <> 'CLOSED'
    cross join lateral (select count(*) from busy_workers b where b.worker_id = w.id) leases
    where w.id = any($1::uuid[])
  )
  update workers w set status = now_is.status, last_status_update_at = slipway_now(), updated_at = slipway_now()
  from now_is where w.id = now_is.id and w.status is distinct from now_is.status`);

const touchFinished = statement(`
  update workers set last_build_finished_at = slipway_now() where id = any($1::uuid[])`);

/** Brings the status of workers up to date, in the transaction that changes what it is computed from. */
export async function refreshWorkerStatus(
  transaction: Transaction,
  workerIds: Iterable<string>,
): Promise<void> {
  const ids = [...new Set(workerIds)];
  if (ids.length === 0) return;
  await Promise.all([transaction.run(lockWorkers, [ids]), transaction.run(refreshStatus, [ids])]);
}

/** The same, for workers on which accepted builds have just ended. */
export async function recordBuildsFinished(
  transaction: Transaction,
  workerIds: Iterable<string>,
): Promise<void> {
  const ids = [...new Set(workerIds)];
  if (ids.length === 0) return;
  await Promise.all([transaction.run(lockWorkers, [ids]), transaction.run(touchFinished, [ids])]);
}
