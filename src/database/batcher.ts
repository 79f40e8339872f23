import { setImmediate as nextTurn } from 'node:timers/promises';
import { DomainError, ErrorCode } from '../base/errors.js';
import type { Clock } from '../base/clock.js';
import { systemClock } from '../base/clock.js';
import { fullJitterMs } from '../base/backoff.js';
import { deferred, type Deferred } from '../base/deferred.js';
import { storeFailure } from './failures.js';

/** How a {@link Batcher} does its work. */
export interface BatcherOptions<Item, Answer> {
  /** For log lines and metrics. */
  readonly name: string;
  /** Runs a batch in one transaction; answers in the order of the items. */
  readonly run: (items: readonly Item[]) => Promise<readonly Answer[]>;
  /** Items of one key never share a batch: their order is kept over several. */
  readonly keyOf: (item: Item) => string;
  /** Most items of a batch. */
  readonly maxSize?: number;
  /** Weight of an item, and most of it in a batch; a single item may have more. For what would fill memory. */
  readonly bytesOf?: (item: Item) => number;
  readonly maxBytes?: number;
  /** How often a batch is run again after contention or a lost connection, before its callers are told. */
  readonly maxRetries?: number;
  readonly clock?: Clock;
}

interface Waiting<Item, Answer> {
  readonly item: Item;
  readonly answer: Deferred<Answer>;
}

/**
 * Group commit: calls that arrive while a batch commits become the next batch, so that a single call never waits for
 * a timer and a crowd shares one transaction. An item that the database cannot store is found by halving and fails its
 * own caller only. After a lost connection, also one lost during commit, the batch runs again: every operation behind
 * a batcher is idempotent by key.
 */
export class Batcher<Item, Answer> {
  readonly #options: Required<BatcherOptions<Item, Answer>>;
  #waiting: Waiting<Item, Answer>[] = [];
  #draining: Promise<void> | undefined;

  constructor(options: BatcherOptions<Item, Answer>) {
    this.#options = {
      maxSize: 500,
      bytesOf: () => 0,
      maxBytes: Infinity,
      maxRetries: 5,
      clock: systemClock,
      ...options,
    };
  }

  /** Queues one operation; rejects with the database's refusal of this item or with STORE_UNAVAILABLE. */
  add(item: Item): Promise<Answer> {
    const answer = deferred<Answer>();
    this.#waiting.push({ item, answer });
    this.#draining ??= this.#drain();
    return answer.promise;
  }

  /** Resolves once nothing waits any more. */
  async idle(): Promise<void> {
    await this.#draining;
  }

  async #drain(): Promise<void> {
    // What the current turn of the event loop still brings belongs to the same batch; no timer is involved.
    await nextTurn();
    while (this.#waiting.length > 0) await this.#settle(this.#takeBatch(), 0);
    this.#draining = undefined;
  }

  /** The oldest items, at most one of each key. */
  #takeBatch(): Waiting<Item, Answer>[] {
    const batch: Waiting<Item, Answer>[] = [];
    const later: Waiting<Item, Answer>[] = [];
    const keys = new Set<string>();
    const { keyOf, bytesOf, maxSize, maxBytes } = this.#options;
    let bytes = 0;
    for (const waiting of this.#waiting) {
      const key = keyOf(waiting.item);
      const sum = bytes + bytesOf(waiting.item);
      const fits = batch.length < maxSize && !keys.has(key) && (sum <= maxBytes || batch.length === 0);
      keys.add(key);
      if (fits) bytes = sum;
      (fits ? batch : later).push(waiting);
    }
    this.#waiting = later;
    return batch;
  }

  async #settle(batch: readonly Waiting<Item, Answer>[], retries: number): Promise<void> {
    try {
      const answers = await this.#options.run(batch.map(({ item }) => item));
      batch.forEach(({ answer }, index) => answer.resolve(answers[index] as Answer));
    } catch (error) {
      await this.#recover(batch, retries, error);
    }
  }

  async #recover(batch: readonly Waiting<Item, Answer>[], retries: number, error: unknown): Promise<void> {
    const failure = storeFailure(error);
    const mayPass = failure === 'CONTENTION' || failure === 'UNREACHABLE';
    if (mayPass && retries < this.#options.maxRetries) {
      await this.#options.clock.sleep(fullJitterMs(retries, { baseMs: 10, maxMs: 1_000 }));
      await this.#settle(batch, retries + 1);
    } else if (failure === 'BAD_ROW' && batch.length > 1) {
      const middle = Math.ceil(batch.length / 2);
      await this.#settle(batch.slice(0, middle), 0);
      await this.#settle(batch.slice(middle), 0);
    } else {
      for (const { answer } of batch) answer.reject(mayPass ? unavailable(error) : error);
    }
  }
}

function unavailable(cause: unknown): DomainError {
  return new DomainError(ErrorCode.STORE_UNAVAILABLE, 'the database did not take the change', {}, { cause });
}
