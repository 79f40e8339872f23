import type { CompiledConcurrency } from '../compiled.js';
import { limits } from '../limits.js';
import { concurrencyKeys } from './keys.js';
import { readMap } from './read-map.js';
import { readCount } from './read-numbers.js';
import { readChoice, readName } from './read-values.js';
import { refuseMissing, type Field, type Reading } from './reading.js';

const STRATEGIES = ['queue', 'cancel_in_progress', 'cancel_queued_keep_newest'] as const;

/** `concurrency: { group, limit, strategy }`; limit 1 and strategy `queue` where nothing is said. */
export function readConcurrency(field: Field | undefined, reading: Reading): CompiledConcurrency | null {
  if (field === undefined) return null;
  const fields = readMap(field, concurrencyKeys, reading);
  const group = fields.get('group');
  const limit = fields.get('limit');
  const strategy = fields.get('strategy');
  if (group === undefined) refuseMissing(field, 'group', 'the name of a group', reading);
  return {
    group: (group && readName(group, limits.nameLength, reading)) ?? '',
    limit: (limit && readCount(limit, { min: 1, max: limits.concurrency }, reading)) ?? 1,
    strategy: (strategy && readChoice(strategy, STRATEGIES, reading)) ?? 'queue',
  };
}
