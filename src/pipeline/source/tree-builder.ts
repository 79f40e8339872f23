import { isAlias, isMap, isScalar, isSeq, Scalar, type Alias, type LineCounter, type YAMLMap } from 'yaml';
import type { ParsedNode } from 'yaml';
import { isStorable } from '../../base/text.js';
import { limits } from '../limits.js';
import type { ProblemLog } from '../problem-log.js';
import type { Position } from '../problems.js';
import { applyMerges, type RawEntry } from './merge-keys.js';
import type { SourceNode, SourceScalar } from './source-tree.js';

/** Thrown by the builder to leave a bomb at once. */
export class ExpandedTooFar extends Error {}

/**
 * Turns the library's tree into ours: aliases expanded within `limits.nodes`, merge keys applied, duplicate keys and
 * texts that no database stores refused.
 */
export class TreeBuilder {
  readonly #anchors = new Map<string, ParsedNode>();
  /** What each alias meant where it was written; an anchor's name may be given again further down. */
  readonly #targets = new Map<Alias, ParsedNode | undefined>();
  readonly #open = new Set<ParsedNode>();
  #nodes = 0;
  #characters = 0;
  #expanding = 0;

  constructor(
    private readonly log: ProblemLog,
    private readonly lines: LineCounter,
  ) {}

  /** The tree below `node`. Throws {@link ExpandedTooFar} when anchors make it too large. */
  build(node: ParsedNode | null, key: string, at: Position): SourceNode {
    this.#nodes += 1;
    if (this.#nodes > limits.nodes) throw new ExpandedTooFar();
    if (node === null || isAbsent(node)) return { kind: 'scalar', at, type: 'null', text: '' };
    if (isAlias(node)) return this.#expand(node, key);
    this.#registerAnchor(node);
    this.#open.add(node);
    const built = this.#buildOpen(node, key);
    this.#open.delete(node);
    return built;
  }

  /** Where an offset of the text is. */
  positionOf(offset: number): Position {
    const { line, col } = this.lines.linePos(offset);
    return { line, column: col };
  }

  #buildOpen(node: Exclude<ParsedNode, Alias.Parsed>, key: string): SourceNode {
    const at = this.positionOf(node.range[0]);
    if (isMap(node)) return this.#buildMap(node, key, at);
    if (isSeq(node)) {
      const items = node.items as (ParsedNode | null)[];
      return { kind: 'list', at, items: items.map((item, n) => this.build(item, `${key}[${n}]`, at)) };
    }
    return this.#buildScalar(node, key, at);
  }

  #buildMap(node: YAMLMap<ParsedNode, ParsedNode | null>, key: string, at: Position): SourceNode {
    const raw: RawEntry[] = [];
    for (const pair of node.items) {
      const name = this.#readKey(pair.key, key);
      if (name === null) continue;
      const value = this.build(pair.value, joinKey(key, name.text), name.at);
      raw.push({ key: name.text, keyAt: name.at, value, isMerge: isMergeKey(pair.key) });
    }
    return { kind: 'map', at, entries: applyMerges(raw, key, this.log) };
  }

  #readKey(node: ParsedNode | null, key: string): SourceScalar | null {
    const at = this.positionOf(node?.range[0] ?? 0);
    if (node !== null && isScalar(node) && node.value !== null) {
      this.#registerAnchor(node);
      return this.#buildScalar(node, key, at);
    }
    this.log.refuse({ at, key, value: describeNode(node), expected: 'a plain text as key' });
    return null;
  }

  #buildScalar(node: Scalar.Parsed, key: string, at: Position): SourceScalar {
    const text = typeof node.value === 'string' ? node.value : node.value === null ? '' : node.source;
    this.#characters += text.length;
    if (this.#characters > limits.characters) throw new ExpandedTooFar();
    if (!isStorable(text)) {
      const expected = 'text without NUL and without halves of surrogate pairs';
      this.log.refuse({ at, key, value: text, expected });
    }
    return { kind: 'scalar', at, type: typeOf(node.value), text };
  }

  #expand(alias: Alias.Parsed, key: string): SourceNode {
    if (!this.#targets.has(alias)) this.#targets.set(alias, this.#anchors.get(alias.source));
    const at = this.positionOf(alias.range[0]);
    const target = this.#targets.get(alias);
    if (target === undefined || this.#open.has(target)) {
      const expected =
        target === undefined ? 'the name of an anchor above' : 'an anchor that does not contain itself';
      this.log.refuse({ at, key, value: `*${alias.source}`, expected });
      return { kind: 'scalar', at, type: 'null', text: '' };
    }
    this.#expanding += 1;
    const built = this.build(target, key, at);
    this.#expanding -= 1;
    return { ...built, at };
  }

  /** Not while an alias is expanded: its anchors were registered where they were written. */
  #registerAnchor(node: Exclude<ParsedNode, Alias.Parsed>): void {
    if (this.#expanding === 0 && node.anchor !== undefined) this.#anchors.set(node.anchor, node);
  }
}

function joinKey(parent: string, name: string): string {
  return parent === '' ? name : `${parent}.${name}`;
}

function isMergeKey(node: ParsedNode | null): boolean {
  return isScalar(node) && node.type === Scalar.PLAIN && node.source === '<<';
}

/** `key:` with nothing behind it: told of at the key, since the value has no place of its own. */
function isAbsent(node: ParsedNode): boolean {
  return (
    isScalar(node) && node.value === null && node.range[0] === node.range[1] && node.anchor === undefined
  );
}

function typeOf(value: unknown): SourceScalar['type'] {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return 'boolean';
  return typeof value === 'string' ? 'string' : 'number';
}

function describeNode(node: ParsedNode | null): string {
  if (isMap(node)) return 'a mapping';
  if (isSeq(node)) return 'a list';
  return isAlias(node) ? `*${node.source}` : 'nothing';
}
