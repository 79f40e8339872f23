import type { StepRetry } from '../compiled.js';
import { limits } from '../limits.js';
import { retryConditionKeys, retryKeys } from './keys.js';
import { readMap } from './read-map.js';
import { readCount } from './read-numbers.js';
import { readChoice, readItems, readSome } from './read-values.js';
import { refuse, refuseMissing, type Field, type Reading } from './reading.js';

/** One entry of `when`. */
type Condition =
  { readonly kind: 'INFRASTRUCTURE' } | { readonly kind: 'EXIT'; readonly codes: readonly number[] };

/** `retry: { max, when }`; without `when` any failure counts, the machine's as well as the step's. */
export function readRetry(field: Field | undefined, reading: Reading): StepRetry | null {
  if (field === undefined) return null;
  const fields = readMap(field, retryKeys, reading);
  const maxField = fields.get('max');
  if (maxField === undefined) refuseMissing(field, 'max', `1 to ${limits.retries}`, reading);
  const max = maxField && readCount(maxField, { min: 1, max: limits.retries }, reading);
  return { max: max ?? 0, ...readWhen(fields.get('when'), reading) };
}

function readWhen(field: Field | undefined, reading: Reading): Omit<StepRetry, 'max'> {
  if (field === undefined) return { infrastructure: true };
  const expected = '"infrastructure", "exit_code: [1, 2]" or both';
  const read = (item: Field): Condition | null => readCondition(item, reading);
  const conditions = readSome(field, reading, { expected, read });
  return {
    infrastructure: conditions.some(({ kind }) => kind === 'INFRASTRUCTURE'),
    exitCodes: conditions.flatMap((condition) => (condition.kind === 'EXIT' ? condition.codes : [])),
  };
}

function readCondition(item: Field, reading: Reading): Condition | null {
  if (item.node.kind !== 'map') {
    return readChoice(item, ['infrastructure'], reading) && { kind: 'INFRASTRUCTURE' };
  }
  const codes = readMap(item, retryConditionKeys, reading).get('exit_code');
  if (codes === undefined) refuseMissing(item, 'exit_code', 'one or more exit codes', reading);
  return codes === undefined ? null : { kind: 'EXIT', codes: readCodes(codes, reading) };
}

function readCodes(field: Field, reading: Reading): readonly number[] {
  const read = (item: Field): number | null => readCount(item, { min: 1, max: 255 }, reading);
  if (readItems(field).length <= 255)
    return readSome(field, reading, { expected: 'one or more exit codes', read });
  refuse(field, 'at most 255 exit codes', reading);
  return [];
}
