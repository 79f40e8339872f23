import type { ProblemLog } from '../problem-log.js';
import type { Position } from '../problems.js';
import type { SourceEntry, SourceMap, SourceNode } from './source-tree.js';

/** An entry as written, before merge keys are applied. */
export interface RawEntry extends SourceEntry {
  readonly keyAt: Position;
  readonly isMerge: boolean;
}

/**
 * The entries of a mapping: its own ones, then those of its merge keys (`<<`) that it does not have itself. Of
 * several merged mappings the first wins. A key of its own that comes twice is refused.
 */
export function applyMerges(raw: readonly RawEntry[], key: string, log: ProblemLog): SourceEntry[] {
  const entries = new Map<string, SourceEntry>();
  for (const entry of raw.filter((candidate) => !candidate.isMerge)) {
    if (entries.has(entry.key)) {
      const expected = 'each key once';
      log.refuse({ at: entry.keyAt, key: joined(key, entry.key), value: entry.key, expected });
    } else entries.set(entry.key, { key: entry.key, keyAt: entry.keyAt, value: entry.value });
  }
  for (const merge of raw.filter((candidate) => candidate.isMerge)) {
    for (const entry of mergedEntries(merge, key, log)) {
      if (!entries.has(entry.key)) entries.set(entry.key, entry);
    }
  }
  return [...entries.values()];
}

function mergedEntries(merge: RawEntry, key: string, log: ProblemLog): SourceEntry[] {
  const sources = merge.value.kind === 'list' ? merge.value.items : [merge.value];
  const maps = sources.filter(isSourceMap);
  if (maps.length < sources.length) {
    const expected = 'a mapping or a list of mappings to merge';
    log.refuse({ at: merge.value.at, key: joined(key, '<<'), value: merge.value.kind, expected });
  }
  return maps.flatMap((map) => map.entries);
}

function isSourceMap(node: SourceNode): node is SourceMap {
  return node.kind === 'map';
}

function joined(parent: string, name: string): string {
  return parent === '' ? name : `${parent}.${name}`;
}
