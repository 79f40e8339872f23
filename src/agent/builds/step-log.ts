import type { Clock } from '../../base/clock.js';
import { LogChunker, type NumberedBytes } from './log-chunker.js';

/** Size at which a chunk is sent at once. */
export const CHUNK_BYTES = 64 * 1024;
/** Age at which a smaller one is sent: readers follow without delay, and a quiet step costs nothing. */
export const FLUSH_MS = 200;
/** What a step may print; the rest is left out, visibly. */
export const STEP_LOG_CAP_BYTES = 100 * 1024 * 1024;

/** Where a step's chunks go; resolves when there is room for more. */
export type ChunkSink = (chunks: readonly NumberedBytes[]) => Promise<void>;

/** The log of one step: any bytes in, numbered chunks out, by size or after 200 ms. */
export class StepLog {
  readonly #chunker = new LogChunker(CHUNK_BYTES);
  readonly #sink: ChunkSink;
  readonly #clock: Clock;
  readonly #capBytes: number;
  #taken = 0;
  #timer: AbortController | null = null;

  constructor(sink: ChunkSink, { clock, capBytes }: { readonly clock: Clock; readonly capBytes: number }) {
    this.#sink = sink;
    this.#clock = clock;
    this.#capBytes = capBytes;
  }

  get lastSeq(): number {
    return this.#chunker.lastSeq;
  }

  get bytes(): number {
    return this.#chunker.bytes;
  }

  /** Takes bytes; resolves when there is room for more. */
  async write(bytes: Uint8Array): Promise<void> {
    const taken = this.#underCap(bytes);
    if (taken.byteLength === 0) return;
    const chunks = this.#chunker.push(taken);
    if (chunks.length === 0) return this.#flushLater();
    await this.#sink(chunks);
  }

  /** A line of the agent's own. */
  async line(text: string): Promise<void> {
    await this.write(Buffer.from(`${text}\n`));
  }

  /** Sends what is left. */
  async flush(): Promise<void> {
    this.#timer?.abort();
    this.#timer = null;
    const chunks = this.#chunker.flush();
    if (chunks.length > 0) await this.#sink(chunks);
  }

  #flushLater(): void {
    if (this.#timer) return;
    const timer = new AbortController();
    this.#timer = timer;
    void this.#clock.sleep(FLUSH_MS, timer.signal).then(
      () => this.flush(),
      () => undefined, // Flushed already.
    );
  }

  #underCap(bytes: Uint8Array): Uint8Array {
    const room = this.#capBytes - this.#taken;
    this.#taken += bytes.byteLength;
    if (bytes.byteLength <= room) return bytes;
    if (room < 0) return new Uint8Array();
    const marker = `\n[slipway: the log reached its limit of ${this.#capBytes} bytes; the rest is left out]\n`;
    return Buffer.concat([bytes.subarray(0, room), Buffer.from(marker)]);
  }
}
