import type { Clock } from '../../base/clock.js';
import type { BuildResult, LogChunk } from '../../protocol/messages.js';
import type { Mask } from '../masking/mask.js';
import type { NumberedBytes } from './log-chunker.js';
import { StepLog } from './step-log.js';

/** Unacknowledged bytes of a build at which its steps are held up. */
export const BACKLOG_BYTES = 1024 * 1024;
/** Bytes of one call: small beside what a server takes, large beside the cost of a call. */
const BATCH_BYTES = 256 * 1024;

/** Sends chunks of the build; true when they are stored, false when nobody wants them any more. */
export type SendChunks = (chunks: readonly LogChunk[]) => Promise<boolean>;

export interface LogOptions {
  readonly clock: Clock;
  readonly mask: Mask;
  /** What a step may print, after masking; the rest is left out, visibly. */
  readonly capBytes: number;
}

/**
 * The logs of one build on their way to the server: masked, in order, each chunk kept until it is acknowledged, and
 * never more than a bounded backlog in memory: beyond it, whoever writes waits.
 */
export class LogStreamer {
  readonly #send: SendChunks;
  readonly #options: LogOptions;
  readonly #steps = new Map<number, StepLog>();
  readonly #waiting: { readonly step: number; readonly chunk: NumberedBytes }[] = [];
  #waitingBytes = 0;
  #pump: Promise<void> | null = null;
  #isRefused = false;
  #onRoom: (() => void)[] = [];

  constructor(send: SendChunks, options: LogOptions) {
    this.#send = send;
    this.#options = options;
  }

  /** The log of a step; the same one each time. */
  step(number: number): StepLog {
    const found = this.#steps.get(number);
    if (found) return found;
    const sink = (chunks: readonly NumberedBytes[]): Promise<void> => this.#take(number, chunks);
    const { clock, mask, capBytes } = this.#options;
    const log = new StepLog(sink, { clock, mask: mask.stream(), capBytes });
    this.#steps.set(number, log);
    return log;
  }

  /** Bytes that the server has not acknowledged yet. */
  get backlogBytes(): number {
    return this.#waitingBytes;
  }

  /** What the logs amount to, for the build's result; after {@link drain} it is final. */
  lengths(): BuildResult['logs'] {
    return [...this.#steps]
      .map(([step, log]) => ({ step, lastSeq: log.lastSeq, bytes: log.bytes }))
      .sort((a, b) => a.step - b.step);
  }

  /** Cuts the last chunks of all steps, without waiting for them to be sent. */
  async flush(): Promise<void> {
    const flushes = [...this.#steps.values()].map((log) => log.flush());
    this.#releaseWriters();
    await Promise.all(flushes);
  }

  /** Resolves when everything was acknowledged, or refused. */
  async drain(): Promise<void> {
    await this.flush();
    while (this.#pump) await this.#pump;
  }

  /** Nobody wants the logs any more: what waits is dropped, and whoever waits goes on. */
  discard(): void {
    this.#isRefused = true;
    this.#waiting.length = 0;
    this.#waitingBytes = 0;
    this.#releaseWriters();
  }

  async #take(step: number, chunks: readonly NumberedBytes[]): Promise<void> {
    if (this.#isRefused) return;
    for (const chunk of chunks) this.#waiting.push({ step, chunk });
    this.#waitingBytes += bytesOf(chunks);
    this.#pump ??= this.#run();
    if (this.#waitingBytes >= BACKLOG_BYTES) await new Promise<void>((resolve) => this.#onRoom.push(resolve));
  }

  async #run(): Promise<void> {
    try {
      while (this.#waiting.length > 0) await this.#sendBatch();
    } finally {
      this.#pump = null;
    }
  }

  async #sendBatch(): Promise<void> {
    const batch = this.#nextBatch();
    const isStored = await this.#send(batch.map(({ step, chunk }) => toLogChunk(step, chunk)));
    if (!isStored) this.discard();
    if (this.#isRefused) return;
    this.#waiting.splice(0, batch.length);
    this.#waitingBytes -= bytesOf(batch.map(({ chunk }) => chunk));
    if (this.#waitingBytes < BACKLOG_BYTES) this.#releaseWriters();
  }

  #nextBatch(): { readonly step: number; readonly chunk: NumberedBytes }[] {
    let bytes = 0;
    const end = this.#waiting.findIndex(({ chunk }) => (bytes += chunk.bytes.byteLength) > BATCH_BYTES);
    return this.#waiting.slice(0, end === -1 ? undefined : Math.max(1, end));
  }

  #releaseWriters(): void {
    const writers = this.#onRoom;
    this.#onRoom = [];
    for (const release of writers) release();
  }
}

function toLogChunk(step: number, { seq, bytes }: NumberedBytes): LogChunk {
  return {
    step,
    seq,
    data: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64'),
  };
}

function bytesOf(chunks: readonly NumberedBytes[]): number {
  return chunks.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
}
