import type { HotConnection } from '../database/hot-connection.js';
import type { Hints } from '../database/hints.js';
import type { Queryable } from '../database/queryable.js';
import { jobStates, type JobState } from '../jobs/jobs.state.js';
import { isBuildId as isUuid } from './agent-reports.js';
import { findLaneKey, lockMovableJob, moveJobToLane } from './job-lanes.queries.js';
import type { LaneDirectory, LaneKey } from './lane-directory.js';
import { markLanesWaiting } from './lanes.queries.js';

/** What a request for another priority did. */
export type PriorityOutcome =
  | { readonly kind: 'CHANGED' }
  /** A worker has the job, or it is over: its place in the queue is of the past. */
  | { readonly kind: 'NOT_WAITING'; readonly state: JobState; readonly isFinal: boolean }
  | { readonly kind: 'NOT_FOUND' };

/** Gives waiting jobs another priority, by moving them to the lane that differs from theirs in nothing else. */
export class Prioritiser {
  constructor(
    private readonly options: {
      readonly connection: HotConnection;
      readonly db: Queryable;
      readonly lanes: LaneDirectory;
      readonly hints: Hints;
      readonly agingMs: number;
    },
  ) {}

  /** Sets the priority of a job that waits; see {@link PriorityOutcome}. */
  async setPriority(jobId: string, priority: number): Promise<PriorityOutcome> {
    const lane = isUuid(jobId) ? await findLaneKey(this.options.db, jobId) : undefined;
    if (lane === undefined) return { kind: 'NOT_FOUND' };
    return this.#move(jobId, { ...lane, priority });
  }

  async #move(jobId: string, key: LaneKey): Promise<PriorityOutcome> {
    const { connection, lanes, hints, agingMs } = this.options;
    const laneId = await lanes.laneFor(key);
    const job = await connection.transaction(async (transaction) => {
      const locked = await lockMovableJob(transaction, jobId);
      if (locked?.state !== 'PENDING') return locked;
      await moveJobToLane(transaction, jobId, laneId);
      await markLanesWaiting(transaction, [laneId], agingMs);
      return locked;
    });
    if (job === undefined) return { kind: 'NOT_FOUND' };
    if (job.state !== 'PENDING')
      return { kind: 'NOT_WAITING', state: job.state, isFinal: jobStates.isFinal(job.state) };
    hints.publish('job.updated', { job: jobId, group: job.group_id, repo: key.repoId });
    hints.publish('job.claimable', { target: key.target });
    return { kind: 'CHANGED' };
  }
}
