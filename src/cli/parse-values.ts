import { InvalidArgumentError } from 'commander';
import { isPriority, PRIORITY_RANGE } from '../base/priority.js';

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Reads a whole number from 1 on, for an option. */
export function parseCount(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected a whole number from 1 on.');
}

/** Reads a priority, for an argument or option. */
export function parsePriority(text: string): number {
  if (/^-?\d{1,2}$/.test(text) && isPriority(Number(text))) return Number(text);
  throw new InvalidArgumentError(`Expected ${PRIORITY_RANGE}.`);
}

/** Reads `90s`, `10m`, `1h30m`; a bare number counts as seconds. Milliseconds. */
export function parseDurationMs(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const parts = [...text.matchAll(/(\d{1,9})(ms|s|m|h|d)/g)];
  const totalMs = parts.reduce(
    (sum, [, count, unit]) => sum + Number(count) * (UNITS_MS[unit ?? ''] ?? 0),
    0,
  );
  if (parts.length > 0 && parts.map(([whole]) => whole).join('') === text) return totalMs;
  throw new InvalidArgumentError('Expected a duration such as 90s, 10m or 1h30m.');
}

/** Gathers an option that may be given several times. */
export function gather(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}
