import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OutputSink } from './executor.js';

/** Carries a pipe's bytes to a sink, no faster than the sink takes them. */
export class PipePump {
  /** Resolves when the pipe has ended or was given up; rejects when the sink fails. */
  readonly done: Promise<void>;
  readonly #stream: Readable;
  #chunks = 0;
  #isDelivering = false;
  #isDone = false;

  constructor(stream: Readable, sink: OutputSink) {
    this.#stream = stream;
    this.done = this.#pump(sink);
  }

  /**
   * Gives the pipe up once nothing has come out of it for `idleMs`: somebody who is not of the group any more may
   * hold its other end for ever. While the sink takes its time, nothing can come, and the clock stands still.
   */
  async giveUpWhenIdle(idleMs: number): Promise<void> {
    while (!this.#isDone) {
      const before = this.#chunks;
      await Promise.race([this.done, sleep(idleMs, undefined, { ref: false })]);
      if (before === this.#chunks && !this.#isDelivering) this.#stream.destroy();
    }
  }

  async #pump(sink: OutputSink): Promise<void> {
    try {
      for await (const chunk of this.#stream) await this.#deliver(sink, chunk as Uint8Array);
    } catch (error) {
      // Thrown by the iteration of a pipe that was given up.
      if (!this.#stream.destroyed) throw error;
    } finally {
      this.#isDone = true;
    }
  }

  async #deliver(sink: OutputSink, chunk: Uint8Array): Promise<void> {
    this.#isDelivering = true;
    this.#chunks += 1;
    try {
      await sink(chunk);
    } finally {
      this.#isDelivering = false;
    }
  }
}
