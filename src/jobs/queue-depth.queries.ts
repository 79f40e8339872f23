import type { Queryable } from '../database/queryable.js';

/** How many jobs are where. */
export interface QueueDepth {
  /** Waiting for a worker. */
  readonly waiting: number;
  /** Offered to a worker or running. */
  readonly active: number;
}

/** Counts what is not final: two partial indexes' worth of rows, never the finished ones. */
export async function countQueue(db: Queryable): Promise<QueueDepth> {
  const { rows } = await db.query<QueueDepth>(
    `select (select count(*) from jobs where waiting)::integer as waiting,
       (select count(*) from busy_workers)::integer as active`,
  );
  return rows[0] ?? { waiting: 0, active: 0 };
}
