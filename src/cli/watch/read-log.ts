import type { Client } from '../client/client.js';
import { type LogSlice, readLog } from '../operations.js';

const PAGE_SIZE = 100;

/** Which log is read: of a build, or of one step of it. */
export interface LogSource {
  readonly build: string;
  readonly step: number | null;
}

/** Reads a log in order, from a cursor on, as often as asked: snapshot and tail are the same. */
export class LogReader {
  readonly #client: Client;
  readonly #source: LogSource;
  #after: string | null = null;
  #isFinal = false;

  constructor(client: Client, source: LogSource) {
    this.#client = client;
    this.#source = source;
  }

  /** True once the sealed end has been read. */
  get isFinal(): boolean {
    return this.#isFinal;
  }

  /** What was stored since the last call, page by page. */
  async *newSlices(): AsyncGenerator<LogSlice> {
    for (;;) {
      const { logSlices: page } = await this.#client.requestPatiently(readLog, {
        ...this.#source,
        after: this.#after,
        first: PAGE_SIZE,
      });
      yield* page.slices;
      this.#after = page.endCursor ?? this.#after;
      this.#isFinal = page.isFinal;
      if (page.isFinal || page.slices.length < PAGE_SIZE) return;
    }
  }
}
