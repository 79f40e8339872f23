import type { Logger } from '../base/logger.js';
import type { HotConnection } from '../database/hot-connection.js';
import type { Canceler } from './canceler.js';
import { findSupersededJobs } from './concurrency-groups.queries.js';

/**
 * Cancels jobs whose place in their concurrency group a newer change has taken. Called with the groups of jobs that were
 * just admitted, and by the reaper for all of them, since a server may die in between.
 */
export class Superseder {
  constructor(
    private readonly options: {
      readonly connection: HotConnection;
      readonly canceler: Canceler;
      readonly logger: Logger;
    },
  ) {}

  /** One bounded round, over these concurrency groups or all. Never fails: the next round finds what this one left. */
  async supersede(concurrencyGroupIds?: readonly string[]): Promise<void> {
    const { connection, canceler, logger } = this.options;
    try {
      const found = await connection.transaction((transaction) =>
        findSupersededJobs(transaction, concurrencyGroupIds),
      );
      await Promise.all(found.map((job) => canceler.supersede(job)));
    } catch (error) {
      logger.error({ err: error }, 'superseded jobs were not canceled');
    }
  }
}
