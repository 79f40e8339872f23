import type { Queryable } from '../database/queryable.js';
import type { Transaction } from '../database/hot-connection.js';
import { statement } from '../database/statement.js';
import type { JobState } from '../jobs/jobs.state.js';
import type { LaneKey } from './lane-directory.js';

/** The key of the lane that a job is in; undefined without such a job. */
export async function findLaneKey(db: Queryable, jobId: string): Promise<LaneKey | undefined> {
  const { rows } = await db.query<LaneKey>(
    `select l.repo_id as "repoId", l.target, l.requirements, l.trusted, l.priority,
       l.concurrency_group_id as "concurrencyGroupId"
     from jobs j join lanes l on l.id = j.lane_id where j.id = $1`,
    [jobId],
  );
  return rows[0];
}

/** A job under lock. */
export interface MovableJob {
  readonly state: JobState;
  readonly group_id: string;
}

const lockJob = statement<MovableJob>(
  `select state, group_id from jobs where id = $1::uuid for no key update`,
);

/** Locks a job, and says what is true of it. */
export async function lockMovableJob(
  transaction: Transaction,
  jobId: string,
): Promise<MovableJob | undefined> {
  return (await transaction.run(lockJob, [jobId]))[0];
}

const moveJob = statement(
  `update jobs set lane_id = $2::uuid, updated_at = slipway_now() where id = $1::uuid and state = 'PENDING'`,
);

/** Puts a waiting job into another lane, which the caller marks waiting. */
export async function moveJobToLane(transaction: Transaction, jobId: string, laneId: string): Promise<void> {
  await transaction.run(moveJob, [jobId, laneId]);
}
