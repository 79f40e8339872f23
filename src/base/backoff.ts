/** Shape of a growing interval: the first one, its growth, and where it stops growing. Seconds. */
export interface BackoffPolicy {
  readonly initialS: number;
  readonly factor: number;
  readonly maxS: number;
}

/**
 * The interval after `lastS` (0 or undefined: the first). Rounded up to whole seconds so that it strictly grows
 * until it meets the cap: {60, ×1.1, 120} gives 60, 66, 73, 81, 90, 99, 109, 120, 120.
 * Source: Monogon BMDB's work backoff (reference values in docs/decisions/).
 */
export function nextIntervalS(policy: BackoffPolicy, lastS?: number): number {
  if (lastS === undefined || lastS <= 0) return Math.min(policy.initialS, policy.maxS);
  return Math.min(policy.maxS, Math.max(lastS + 1, Math.ceil(roundOff(lastS * policy.factor))));
}

/** Full jitter: anywhere between 0 and the exponential bound, which spreads a crowd best. Milliseconds. */
export function fullJitterMs(
  attempt: number,
  options: { baseMs: number; maxMs: number },
  random = Math.random,
): number {
  return random() * Math.min(options.maxMs, options.baseMs * 2 ** Math.min(attempt, 30));
}

/** 60 × 1.1 is 66.00000000000001 in binary; without this the ceiling would be 67. */
function roundOff(value: number): number {
  return Number(value.toPrecision(12));
}
