import type { Queryable } from '../database/queryable.js';

/** What is known of a worker from its leases and its open session. */
export interface WorkerPresence {
  readonly workerId: string;
  /** Builds that it has accepted and that are not over, by slot. */
  readonly runningBuildIds: readonly string[];
  /** Last heartbeat, of the open session or an older one. */
  readonly lastCheckedInAt: Date | null;
}

/** Presence of many workers at once; a worker without lease and session has one too. */
export async function findPresence(
  db: Queryable,
  workerIds: readonly string[],
): Promise<readonly WorkerPresence[]> {
  const { rows } = await db.query<WorkerPresence>(
    `select workers.id as "workerId",
       array(select build_id::text from busy_workers
             where worker_id = workers.id and accepted order by slot) as "runningBuildIds",
       greatest(workers.last_checked_in_at,
         (select last_heartbeat_at from worker_sessions
          where worker_id = workers.id and state <> 'CLOSED')) as "lastCheckedInAt"
     from workers where id = any($1::uuid[])`,
    [workerIds],
  );
  return rows;
}
