import { systemClock, type Clock } from '../../src/base/clock.js';

/** The machine's clock, which a test can move on: time-outs pass without waiting. Naps stay as long as they are. */
export class ManualClock implements Clock {
  #offsetMs = 0;

  advance(ms: number): void {
    this.#offsetMs += ms;
  }

  now(): number {
    return systemClock.now() + this.#offsetMs;
  }

  monotonic(): number {
    return systemClock.monotonic() + this.#offsetMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return systemClock.sleep(ms, signal);
  }
}
