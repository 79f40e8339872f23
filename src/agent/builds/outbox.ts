import { deferred, type Deferred } from '../../base/deferred.js';
import { DomainError } from '../../base/errors.js';
import { type ItemAnswer, ItemOutcome } from '../../protocol/messages.js';

/** Delivers items until they are answered, in their order; the list is asked for each time it is sent. */
export type Deliver<Input> = (items: () => readonly Input[] | null) => Promise<readonly ItemAnswer[] | null>;

interface Entry<Input> {
  readonly item: Input;
  readonly answer: Deferred<ItemAnswer>;
}

/**
 * What is said of builds by one operation, in order. One call is under way at a time, and what comes meanwhile goes
 * together in the next one. An item stays until it is answered, so that a lost session loses nothing.
 */
export class Outbox<Input extends { readonly buildId: string }> {
  readonly #deliver: Deliver<Input>;
  readonly #maxItems: number;
  #waiting: Entry<Input>[] = [];
  #isRunning = false;

  constructor(deliver: Deliver<Input>, maxItems = 100) {
    this.#deliver = deliver;
    this.#maxItems = maxItems;
  }

  /** Resolves with the item's answer, however long it takes. */
  send(item: Input): Promise<ItemAnswer> {
    const answer = deferred<ItemAnswer>();
    this.#waiting.push({ item, answer });
    if (!this.#isRunning) void this.#run();
    return answer.promise;
  }

  /** Nothing more is said of a build: what waits is answered STALE_BUILD here, and not sent again. */
  forget(buildId: string): void {
    const forgotten = this.#waiting.filter(({ item }) => item.buildId === buildId);
    this.#waiting = this.#waiting.filter(({ item }) => item.buildId !== buildId);
    for (const entry of forgotten) {
      entry.answer.resolve(answerOf(entry.item, ItemOutcome.STALE_BUILD, 'abandoned'));
    }
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    try {
      while (this.#waiting.length > 0) await this.#sendBatch(this.#maxItems);
    } finally {
      this.#isRunning = false;
    }
  }

  async #sendBatch(maxItems: number): Promise<void> {
    let batch: Entry<Input>[] = [];
    try {
      const answers = await this.#deliver(() => {
        batch = this.#waiting.slice(0, maxItems);
        return batch.length === 0 ? null : batch.map(({ item }) => item);
      });
      this.#settle(batch, (_, index) => answers?.[index]);
    } catch (error) {
      await this.#refuse(batch, error);
    }
  }

  /** A list that is refused as a whole may have one bad item: each goes alone, and only the bad one is refused. */
  async #refuse(batch: readonly Entry<Input>[], error: unknown): Promise<void> {
    if (batch.length > 1) {
      for (let sent = 0; sent < batch.length; sent += 1) await this.#sendBatch(1);
      return;
    }
    const message = error instanceof DomainError ? error.message : String(error);
    this.#settle(batch, ({ item }) => answerOf(item, ItemOutcome.INVALID, message));
  }

  #settle(
    batch: readonly Entry<Input>[],
    answerTo: (entry: Entry<Input>, index: number) => ItemAnswer | undefined,
  ): void {
    this.#waiting = this.#waiting.filter((entry) => !batch.includes(entry));
    batch.forEach((entry, index) => {
      const missing = answerOf(entry.item, ItemOutcome.INVALID, 'the server gave no answer');
      entry.answer.resolve(answerTo(entry, index) ?? missing);
    });
  }
}

function answerOf(
  { buildId }: { readonly buildId: string },
  outcome: ItemOutcome,
  message: string,
): ItemAnswer {
  return { buildId, outcome, status: null, message };
}
