import type { Clock } from '../../base/clock.js';

/** A moment by both clocks: the monotonic one stands still while a machine sleeps, the wall clock may be set back. */
export interface Moment {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

/** Now, by both clocks. */
export function momentOf(clock: Clock): Moment {
  return { monotonicMs: clock.monotonic(), wallMs: clock.now() };
}

/** How long ago a moment was, by the clock that says more. */
export function elapsedSince(moment: Moment, clock: Clock): number {
  return Math.max(clock.monotonic() - moment.monotonicMs, clock.now() - moment.wallMs);
}
