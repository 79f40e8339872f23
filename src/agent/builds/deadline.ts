import type { Clock } from '../../base/clock.js';
import { type BuildControl, StopCause } from './build-control.js';

/** How long a timed-out build may tidy up. */
const GRACE_MS = 10_000;

/** A limit on a part of a build. */
export interface Deadline {
  readonly limitMs: number;
  /** What took too long, for people. */
  readonly what: string;
}

/** Runs a part of a build; when it takes longer than its limit, the build is ended with cause TIMEOUT. */
export async function withDeadline<T>(
  { limitMs, what }: Deadline,
  { control, clock }: { readonly control: BuildControl; readonly clock: Clock },
  run: () => Promise<T>,
): Promise<T> {
  const over = new AbortController();
  void clock.sleep(limitMs, over.signal).then(
    () => control.end({ cause: StopCause.TIMEOUT, reason: timeoutReason(what, limitMs), graceMs: GRACE_MS }),
    () => undefined, // The part has ended in time.
  );
  try {
    return await run();
  } finally {
    over.abort();
  }
}

function timeoutReason(what: string, limitMs: number): string {
  return `${what} took longer than ${Math.round(limitMs / 1000)} s`;
}
