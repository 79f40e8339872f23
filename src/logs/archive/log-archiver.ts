import type { Pool } from 'pg';
import type { Clock } from '../../base/clock.js';
import type { Logger } from '../../base/logger.js';
import { runPeriodically, type PeriodicRun } from '../../base/periodic.js';
import { inTransaction } from '../../database/transaction.js';
import type { ObjectStore } from '../../storage/index.js';
import type { LogPiece } from '../log-piece.js';
import type { LogReader } from '../log-reader.js';
import {
  claimLogToArchive,
  deleteChunks,
  findLatestObject,
  insertBlocks,
  isRemoved,
  lockBuild,
  markArchived,
  markBuildArchived,
  type ClaimedLog,
} from './archive.queries.js';
import { ArchiveWriter } from './archive-writer.js';

/** Logs of one round. */
const LOGS_PER_ROUND = 200;

export interface LogArchiverOptions {
  readonly pool: Pool;
  readonly objects: ObjectStore;
  readonly logs: LogReader;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly intervalMs: number;
  /** Logs at once: an archive is mostly waiting for disk and database. */
  readonly lanes: number;
}

/**
 * Moves sealed logs out of the database: each step's log becomes one object. Object first, then in one transaction the
 * index, the state and the end of the chunks: whenever it is killed, the log can be read, and is taken up again under
 * the same key. Two archivers of one log would write the same bytes.
 */
export class LogArchiver {
  #run: PeriodicRun | undefined;

  constructor(private readonly options: LogArchiverOptions) {}

  /** Looks for sealed logs every `intervalMs`. */
  start(): void {
    let isChecked = false;
    const run = runPeriodically({
      ...this.options,
      name: 'archiver',
      work: async (signal) => {
        if (!isChecked) await this.checkStore();
        isChecked = true;
        if ((await this.runOnce(signal)) >= LOGS_PER_ROUND) run.wake();
      },
    });
    this.#run = run;
  }

  async stop(): Promise<void> {
    await this.#run?.stop();
  }

  /** Warns when this store lacks what was archived lately: another replica has one of its own, or it was emptied. */
  async checkStore(): Promise<void> {
    const { pool, objects, logger } = this.options;
    const objectKey = await findLatestObject(pool);
    if (objectKey === undefined) return;
    try {
      (await objects.open(objectKey, { start: 0, end: 1 })).destroy();
    } catch (error) {
      logger.warn(
        { err: error, objectKey },
        'an archived log is not in the store: do all replicas share it?',
      );
    }
  }

  /** One bounded round; answers how many logs it has taken up. */
  async runOnce(signal?: AbortSignal): Promise<number> {
    let taken = 0;
    const lane = async (): Promise<void> => {
      while (taken < LOGS_PER_ROUND && signal?.aborted !== true) {
        const log = await claimLogToArchive(this.options.pool);
        if (log === undefined) return;
        taken += 1;
        await this.#archiveOrLog(log);
      }
    };
    await Promise.all(Array.from({ length: this.options.lanes }, lane));
    return taken;
  }

  /** What fails stays claimed for a while and is then tried again; the others must not wait for it. */
  async #archiveOrLog(log: ClaimedLog): Promise<void> {
    try {
      await this.#archive(log);
    } catch (error) {
      const { buildId, step } = log;
      this.options.logger.error({ err: error, build: buildId, step }, 'a log could not be archived');
    }
  }

  async #archive(log: ClaimedLog): Promise<void> {
    const { objects, logs, pool } = this.options;
    const writer = new ArchiveWriter();
    const pieces = withoutNewGaps(logs.pieces(log.buildId, log.step), log.missing);
    const object = await objects.put(log.objectKey, writer.members(pieces));
    const archived = { log: writer.result(), object };
    const isGone = await inTransaction(pool, async (db) => {
      await lockBuild(db, log.buildId);
      if (!(await markArchived(db, log, archived))) return isRemoved(db, log);
      await insertBlocks(db, log, archived.log.blocks);
      await deleteChunks(db, log);
      await markBuildArchived(db, log.buildId);
      return false;
    });
    // Its retention ended meanwhile, and with it the object that was there before this one.
    if (isGone) await objects.remove(log.objectKey);
  }
}

/**
 * A log that is archived or removed by somebody else while it is read would look as if it had gaps: throws when more is
 * missing than was when it was sealed.
 */
async function* withoutNewGaps(pieces: AsyncIterable<LogPiece>, missing: number): AsyncGenerator<LogPiece> {
  let found = 0;
  for await (const piece of pieces) {
    found += piece.missing;
    if (piece.kind === 'REMOVED') throw new Error('the log was removed while it was archived');
    yield piece;
  }
  if (found !== missing)
    throw new Error(`${found} pieces of the log are missing, ${missing} were when it was sealed`);
}
