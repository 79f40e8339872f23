import { Dialect } from '../pipeline.js';
import type { Finding, ProblemLog } from '../problem-log.js';
import type { PipelineProblem, Position } from '../problems.js';
import type { PatternCompiler } from '../rules/pattern.js';
import type { SourceNode } from '../source/source-tree.js';
import type { Suggestions } from './suggest.js';

/** What every reader of the grammar works with. Readers return what is usable and note the rest in the log. */
export interface Reading {
  readonly log: ProblemLog;
  readonly dialect: Dialect;
  readonly patterns: PatternCompiler;
  readonly suggestions: Suggestions;
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

/** Notes that a mapping lacks a key; nothing when it is no mapping, which is told already. */
export function refuseMissing(map: Field, name: string, expected: string, reading: Reading): void {
  if (map.node.kind !== 'map') return;
  const key = map.key === '' ? name : `${map.key}.${name}`;
  reading.log.refuse({ at: map.node.at, key, value: 'nothing', expected });
}

/**
 * What cannot be executed yet and must not be left out: refused in our files. In Vela's it is warned of, and given back
 * as an obstacle: a build that needs this part is refused.
 */
export function obstruct(finding: Finding, reading: Reading): readonly PipelineProblem[] {
  const { log, dialect } = reading;
  if (dialect === Dialect.SLIPWAY) {
    log.refuse(finding);
    return [];
  }
  const { at, key, value, expected } = finding;
  log.warn({ at, key, text: `"${value}" cannot be executed yet: a build that needs it is refused` });
  return [{ file: log.file, line: at.line, column: at.column, key, value, expected }];
}

/** True when a mapping has a key, whether it is supported or not. */
export function hasKey({ node }: Field, name: string): boolean {
  return node.kind === 'map' && node.entries.some(({ key }) => key === name);
}

/** A value in one line: its text, or what kind of thing it is. */
export function describe(node: SourceNode): string {
  if (node.kind === 'map') return 'a mapping';
  if (node.kind === 'list') return 'a list';
  return node.type === 'null' ? 'nothing' : node.text;
}
