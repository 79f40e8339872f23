import { limits } from '../limits.js';
import { readText } from './read-values.js';
import { refuse, type Field, type Reading } from './reading.js';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** `90s`, `30m`, `1h30m`: units from large to small, each once; 1 s to `limits.timeoutMs`. In milliseconds. */
export function readDurationMs(field: Field, reading: Reading): number | null {
  const expected = `a duration of 1s to ${limits.timeoutMs / DAY_MS}d, such as 90s, 30m or 1h30m`;
  const text = readText(field, reading, expected);
  if (text === null) return null;
  const ms = durationMs(text);
  if (ms >= SECOND_MS && ms <= limits.timeoutMs) return ms;
  refuse(field, expected, reading);
  return null;
}

/** 0 for a text that is no duration. */
function durationMs(text: string): number {
  const parts = /^(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?$/.exec(text) ?? [];
  const [, days = 0, hours = 0, minutes = 0, seconds = 0] = parts;
  return (
    Number(days) * DAY_MS +
    Number(hours) * HOUR_MS +
    Number(minutes) * MINUTE_MS +
    Number(seconds) * SECOND_MS
  );
}

/** A whole number in decimal digits, within bounds. */
export function readCount(
  field: Field,
  { min, max }: { readonly min: number; readonly max: number },
  reading: Reading,
): number | null {
  const expected = `a whole number from ${min} to ${max}`;
  const text = readText(field, reading, expected);
  if (text === null) return null;
  const count = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (count >= min && count <= max) return count;
  refuse(field, expected, reading);
  return null;
}
