import type { Clock } from '../../../src/base/clock.js';

interface Sleeper {
  readonly dueMs: number;
  readonly wake: () => void;
}

/** A clock that stands still until the test moves it. */
export class ManualClock implements Clock {
  #monotonicMs = 1_000;
  #wallMs = 1_800_000_000_000;
  readonly #sleepers = new Set<Sleeper>();

  now(): number {
    return this.#wallMs;
  }

  monotonic(): number {
    return this.#monotonicMs;
  }

  /** How many wait for the clock. */
  get sleeping(): number {
    return this.#sleepers.size;
  }

  /** Whether somebody waits for the clock to be so far from now. */
  isAwaited(ms: number): boolean {
    return [...this.#sleepers].some(({ dueMs }) => dueMs === this.#monotonicMs + ms);
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (settle: () => void): void => {
        this.#sleepers.delete(sleeper);
        settle();
      };
      const sleeper = { dueMs: this.#monotonicMs + ms, wake: () => leave(resolve) };
      this.#sleepers.add(sleeper);
      const onAbort = (): void => leave(() => reject(new Error('aborted')));
      if (signal?.aborted) onAbort();
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Lets time pass by both clocks, and wakes whoever is due. */
  advance(ms: number): void {
    this.#wallMs += ms;
    this.#monotonicMs += ms;
    for (const sleeper of [...this.#sleepers]) if (sleeper.dueMs <= this.#monotonicMs) sleeper.wake();
  }

  /** The machine sleeps: only the wall clock goes on. */
  suspend(ms: number): void {
    this.#wallMs += ms;
  }

  /** Somebody sets the wall clock. */
  setWallBack(ms: number): void {
    this.#wallMs -= ms;
  }
}
