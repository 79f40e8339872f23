import type { OutputSink } from '../executor/executor.js';

const KEPT_BYTES = 16 * 1024;

/** Passes output on and remembers the end of it. */
export class OutputTail {
  #kept: Buffer = Buffer.alloc(0);

  constructor(private readonly output: OutputSink) {}

  async write(bytes: Uint8Array): Promise<void> {
    this.#kept = Buffer.concat([this.#kept, bytes]).subarray(-KEPT_BYTES);
    await this.output(bytes);
  }

  /** The last 16 KiB that were written. */
  get text(): string {
    return this.#kept.toString('utf8');
  }
}
