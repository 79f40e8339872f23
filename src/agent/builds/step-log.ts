import type { Clock } from '../../base/clock.js';
import type { MaskStream } from '../masking/mask-stream.js';
import { LogChunker, type NumberedBytes } from './log-chunker.js';

/** Size at which a chunk is sent at once. */
export const CHUNK_BYTES = 64 * 1024;
/** Age at which a smaller one is sent: readers follow without delay, and a quiet step costs nothing. */
export const FLUSH_MS = 200;

/** Where a step's chunks go; resolves when there is room for more. */
export type ChunkSink = (chunks: readonly NumberedBytes[]) => Promise<void>;

interface StepLogOptions {
  readonly clock: Clock;
  readonly mask: MaskStream;
  readonly capBytes: number;
}

/**
 * The log of one step: any bytes in, numbered chunks without secrets out, by size or after 200 ms. What may be the
 * beginning of a secret stays until more comes, or the step ends.
 */
export class StepLog {
  readonly #chunker = new LogChunker(CHUNK_BYTES);
  readonly #sink: ChunkSink;
  readonly #clock: Clock;
  readonly #mask: MaskStream;
  readonly #capBytes: number;
  #taken = 0;
  #timer: AbortController | null = null;

  constructor(sink: ChunkSink, { clock, mask, capBytes }: StepLogOptions) {
    this.#sink = sink;
    this.#clock = clock;
    this.#mask = mask;
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
    if (this.#taken <= this.#capBytes) await this.#take(this.#mask.push(bytes));
  }

  /** A line of the agent's own. */
  async line(text: string): Promise<void> {
    await this.write(Buffer.from(`${text}\n`));
  }

  /** The step has ended: sends what is left, also what was held back. */
  async flush(): Promise<void> {
    await this.#take(this.#mask.end());
    await this.#sendPending();
  }

  async #take(masked: Uint8Array): Promise<void> {
    const taken = this.#underCap(masked);
    if (taken.byteLength === 0) return;
    const chunks = this.#chunker.push(taken);
    if (chunks.length === 0) return this.#flushLater();
    await this.#sink(chunks);
  }

  async #sendPending(): Promise<void> {
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
      () => this.#sendPending(),
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
