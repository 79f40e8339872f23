import type { Position } from '../problems.js';

/** A plain value. `text` is as YAML wrote it (`1.10`, `yes`), whatever it was taken for; empty for null. */
export interface SourceScalar {
  readonly kind: 'scalar';
  readonly at: Position;
  readonly type: 'string' | 'number' | 'boolean' | 'null';
  readonly text: string;
}

export interface SourceList {
  readonly kind: 'list';
  readonly at: Position;
  readonly items: readonly SourceNode[];
}

export interface SourceEntry {
  readonly key: string;
  readonly keyAt: Position;
  readonly value: SourceNode;
}

/** A mapping with unique keys, merge keys already applied. */
export interface SourceMap {
  readonly kind: 'map';
  readonly at: Position;
  readonly entries: readonly SourceEntry[];
}

/** YAML as the grammar reads it: no anchors, no tags, no merge keys, but every value with its place. */
export type SourceNode = SourceScalar | SourceList | SourceMap;
