import { ValidationError } from '../base/errors.js';

/**
 * How much of a build's log somebody has seen: for each step the sequence number of the last chunk. One number would
 * not do: a chunk of an early step may be stored after one of a later step, and would be passed over for ever.
 */
export type LogPosition = ReadonlyMap<number, number>;

/** The beginning of every log. */
export const LOG_START: LogPosition = new Map();

/** Steps of a build, at most, in a position. */
const MAX_STEPS = 1000;
const FORM = /^$|^\d{1,9}:\d{1,9}(,\d{1,9}:\d{1,9})*$/;

/** A position as text, such as "0:2,1:17": step 0 up to chunk 2, step 1 up to chunk 17. */
export function writeLogPosition(position: LogPosition): string {
  return [...position]
    .sort(([a], [b]) => a - b)
    .map(([step, seq]) => `${step}:${seq}`)
    .join(',');
}

/** Reads what {@link writeLogPosition} wrote. Throws a ValidationError for anything else. */
export function readLogPosition(text: string): LogPosition {
  if (!FORM.test(text)) throw notACursor(text);
  const entries = text === '' ? [] : text.split(',').map(readEntry);
  const position = new Map(entries);
  if (position.size !== entries.length || position.size > MAX_STEPS) throw notACursor(text);
  return position;
}

function readEntry(entry: string): [step: number, seq: number] {
  const [step, seq] = entry.split(':').map(Number);
  return [step ?? 0, seq ?? 0];
}

function notACursor(text: string): ValidationError {
  return ValidationError.of('after', text, 'the cursor of a slice or page of this log');
}
