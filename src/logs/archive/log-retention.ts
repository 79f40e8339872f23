import type { Pool } from 'pg';
import type { Clock } from '../../base/clock.js';
import type { Logger } from '../../base/logger.js';
import { runPeriodically, type PeriodicRun } from '../../base/periodic.js';
import type { ObjectStore } from '../../storage/index.js';
import {
  findLogRemains,
  forgetObject,
  REMOVED_AT_ONCE,
  removeOldLogs,
  removeOrphanedLogs,
} from './retention.queries.js';

const FIRST_BUILD = '00000000-0000-0000-0000-000000000000';

export interface LogRetentionOptions {
  readonly pool: Pool;
  readonly objects: ObjectStore;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly intervalMs: number;
  /** From the sealing of a log to its end; 0: for ever. */
  readonly retentionMs: number;
}

/**
 * Removes logs whose time is over, and those of builds that are gone. The row first, which says at once that the log was
 * removed, then its object, then the key in the row: whenever it is killed, the rest is found by the row.
 */
export class LogRetention {
  #run: PeriodicRun | undefined;
  #nextBuild = FIRST_BUILD;

  constructor(private readonly options: LogRetentionOptions) {}

  /** Looks for old logs every `intervalMs`. */
  start(): void {
    const run = runPeriodically({
      ...this.options,
      name: 'retention',
      work: async () => {
        if ((await this.runOnce()) >= REMOVED_AT_ONCE) run.wake();
      },
    });
    this.#run = run;
  }

  async stop(): Promise<void> {
    await this.#run?.stop();
  }

  /** One bounded round; answers how many logs it has removed for their age. */
  async runOnce(): Promise<number> {
    const { pool, objects, retentionMs } = this.options;
    const removed = retentionMs === 0 ? 0 : await removeOldLogs(pool, retentionMs);
    this.#nextBuild = (await removeOrphanedLogs(pool, this.#nextBuild)) ?? FIRST_BUILD;
    for (const remains of await findLogRemains(pool)) {
      await objects.remove(remains.objectKey);
      await forgetObject(pool, remains);
    }
    return removed;
  }
}
