import { deferred, type Deferred } from '../base/deferred.js';
import type { Clock } from '../base/clock.js';
import type { HintTopic, HintTopics, Hints } from './hints.js';

/** Keys kept for a consumer that does not come to take them; a hint may be lost. */
const MAX_KEYS = 10_000;

/**
 * Collects what hints speak of for one consumer that looks when it is ready: many hints about one thing are one look.
 */
export class HintInbox<Topic extends HintTopic> {
  readonly #unsubscribe: () => void;
  readonly #keys = new Set<string>();
  #arrival: Deferred<void> = deferred();

  /** `keyOf` names what a hint speaks of; undefined for a hint that this consumer does not care about. */
  constructor(hints: Hints, topic: Topic, keyOf: (hint: HintTopics[Topic]) => string | undefined) {
    this.#unsubscribe = hints.subscribe(topic, (hint) => {
      const key = keyOf(hint);
      if (key === undefined || this.#keys.size >= MAX_KEYS) return;
      this.#keys.add(key);
      this.#arrival.resolve();
    });
  }

  /**
   * The keys since the last call; waits for one, but no longer than `waitMs` (then there are none). Rejects with the
   * signal's reason when it is aborted.
   */
  async take(clock: Clock, options: { waitMs: number; signal: AbortSignal }): Promise<readonly string[]> {
    const waiting = new AbortController();
    const signal = AbortSignal.any([options.signal, waiting.signal]);
    const timer = clock.sleep(options.waitMs, signal).catch(ignoreAbort);
    await Promise.race([this.#arrival.promise, timer]);
    waiting.abort();
    options.signal.throwIfAborted();
    this.#arrival = deferred();
    const keys = [...this.#keys];
    this.#keys.clear();
    return keys;
  }

  /** Ends the subscription. */
  close(): void {
    this.#unsubscribe();
  }
}

/** The timer ends early whenever a hint was first. */
function ignoreAbort(): void {}
