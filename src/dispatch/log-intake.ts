import { DomainError, ErrorCode } from '../base/errors.js';
import { Batcher } from '../database/batcher.js';
import type { ChunksReport } from './append-logs.queries.js';
import type { ReportVerdict } from './reporter.js';

/** Bytes of one transaction: half a second of a slow disk, so that nobody waits long behind it. */
const BATCH_BYTES = 8 * 1024 * 1024;
/** Bytes that may wait for the database, over all workers; the memory that logs may take of a server. */
const QUEUE_BYTES = 64 * 1024 * 1024;

/** Stores a batch of chunks; answers in its order. */
export type StoreChunks = (reports: readonly ChunksReport[]) => Promise<readonly ReportVerdict[]>;

/** Takes logs as fast as the database does. Beyond what may wait it takes none: agents keep theirs and send it again. */
export class LogIntake {
  readonly #batcher: Batcher<ChunksReport, ReportVerdict>;
  readonly #queueBytes: number;
  #waitingBytes = 0;

  constructor(store: StoreChunks, limits: { queueBytes?: number; batchBytes?: number } = {}) {
    this.#queueBytes = limits.queueBytes ?? QUEUE_BYTES;
    this.#batcher = new Batcher({
      name: 'logs',
      keyOf: ({ buildId }) => buildId,
      bytesOf,
      maxBytes: limits.batchBytes ?? BATCH_BYTES,
      run: store,
    });
  }

  /** Resolves when the chunks are stored. Throws RATE_LIMITED when too much waits. */
  async take(report: ChunksReport): Promise<ReportVerdict> {
    const bytes = bytesOf(report);
    if (this.#waitingBytes > 0 && this.#waitingBytes + bytes > this.#queueBytes) throw tooMuch();
    this.#waitingBytes += bytes;
    try {
      return await this.#batcher.add(report);
    } finally {
      this.#waitingBytes -= bytes;
    }
  }
}

function bytesOf({ chunks }: ChunksReport): number {
  return chunks.reduce((sum, { data }) => sum + data.byteLength, 0);
}

function tooMuch(): DomainError {
  return new DomainError(ErrorCode.RATE_LIMITED, 'more logs wait for the database than the server may hold');
}
