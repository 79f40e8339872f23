import { Dialect } from '../pipeline.js';
import type { SourceEntry } from '../source/source-tree.js';
import { pipelineKeys, Support, type Keys } from './keys.js';
import { refuse, type Field, type Reading } from './reading.js';

/** The fields of a mapping that are read, by key. */
export type Fields = ReadonlyMap<string, Field>;

const none: Fields = new Map();

/**
 * The fields of a mapping with a fixed set of keys. Unknown keys are refused with the nearest known one; known keys
 * without support are refused or, where Vela's files may do without them, warned of. A null is an empty mapping.
 */
export function readMap(field: Field, keys: Keys, reading: Reading): Fields {
  const fields = new Map<string, Field>();
  for (const [name, child] of readEntries(field, reading)) {
    const support = supportOf(name, keys, reading.dialect);
    if (isRead(support, reading.dialect)) fields.set(name, child);
    else noteUnread({ child, name, support, keys }, reading);
  }
  return fields;
}

/** The fields of a mapping whose keys are the author's own. A null is an empty mapping. */
export function readEntries(field: Field, reading: Reading): Fields {
  const { node, key } = field;
  if (node.kind === 'map') return new Map(node.entries.map((entry) => [entry.key, child(key, entry)]));
  if (node.kind === 'list' || node.type !== 'null') refuse(field, 'a mapping', reading);
  return none;
}

function child(parent: string, entry: SourceEntry): Field {
  const key = parent === '' ? entry.key : `${parent}.${entry.key}`;
  return { key, keyAt: entry.keyAt, node: entry.value };
}

function supportOf(name: string, keys: Keys, dialect: Dialect): Support | null {
  const support = Object.hasOwn(keys, name) ? (keys[name] ?? null) : null;
  return support === Support.VELA && dialect === Dialect.SLIPWAY ? null : support;
}

/** What Vela's files may need is read there, and its reader says that it is in the way. */
function isRead(support: Support | null, dialect: Dialect): support is 'READ' | 'NEEDED' {
  return support === Support.READ || (support === Support.NEEDED && dialect === Dialect.VELA);
}

interface Unread {
  readonly child: Field;
  readonly name: string;
  readonly support: Exclude<Support, 'READ'> | null;
  readonly keys: Keys;
}

function noteUnread({ child: { key, keyAt, node }, name, support, keys }: Unread, reading: Reading): void {
  const { log, dialect } = reading;
  if (support === null) noteUnknown({ child: { key, keyAt, node }, name, keys }, reading);
  else if (dialect === Dialect.VELA) {
    log.warn({ at: keyAt, key, text: `"${name}" is read but not executed by Slipway` });
  } else {
    const why = support === Support.CONTAINER ? ' (it needs the container driver, which comes later)' : '';
    const expected = `a file without "${name}", which is known but not supported yet${why}`;
    log.refuse({ at: keyAt, key, value: name, expected });
  }
}

/** Vela ignores foreign keys at the top of its files, and its authors keep anchors there. */
function noteUnknown({ child, name, keys }: Omit<Unread, 'support'>, reading: Reading): void {
  const { log, dialect, suggestions } = reading;
  const { key, keyAt: at } = child;
  const known = Object.keys(keys).filter((candidate) => supportOf(candidate, keys, dialect) !== null);
  const hint = suggestions.didYouMean(name, known);
  if (dialect === Dialect.VELA && keys === pipelineKeys) {
    log.warn({ at, key, text: `"${name}" is no known key and is ignored${hint}` });
  } else {
    log.refuse({ at, key, value: name, expected: `a known key (${known.join(', ')})${hint}` });
  }
}
