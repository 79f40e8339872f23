import type { Dialect } from '../pipeline.js';
import type { ProblemLog } from '../problem-log.js';
import type { Position } from '../problems.js';
import type { PatternCompiler } from '../rules/pattern.js';
import type { SourceNode } from '../source/source-tree.js';

/** What every reader of the grammar works with. Readers return what is usable and note the rest in the log. */
export interface Reading {
  readonly log: ProblemLog;
  readonly dialect: Dialect;
  readonly patterns: PatternCompiler;
}

/** A value under the dotted name that problems call it by; `keyAt` is where its key stands. */
export interface Field {
  readonly key: string;
  readonly keyAt: Position;
  readonly node: SourceNode;
}

/** Notes that a value is not what it should be, at the value. */
export function refuse(field: Field, expected: string, reading: Reading): void {
  const { key, node } = field;
  reading.log.refuse({ at: node.at, key, value: describe(node), expected });
}

/** A value in one line: its text, or what kind of thing it is. */
export function describe(node: SourceNode): string {
  if (node.kind === 'map') return 'a mapping';
  if (node.kind === 'list') return 'a list';
  return node.type === 'null' ? 'nothing' : node.text;
}
