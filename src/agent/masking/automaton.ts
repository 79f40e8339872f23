import { BYTES, PatternTrie } from './pattern-trie.js';

/** Most bytes of one pattern. */
export const MAX_PATTERN_BYTES = 128;

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** How far a text was read. */
export interface Reading {
  /** Of the automaton; 0 before the first byte. */
  state: number;
  /** Offset of the next byte. */
  at: number;
}

/**
 * Finds every occurrence of many patterns in one pass (Aho and Corasick, 1975): a state is the longest end of the text
 * that is the beginning of a pattern. The time depends on the text alone, however many patterns there are; the memory
 * is eleven bytes for each byte of the patterns, and 1 KiB where patterns part.
 */
export class Automaton {
  /** By state: the length of the longest pattern that ends here; 0 for none. */
  readonly longest: Uint8Array;
  /** By state: how many bytes of the text may be the beginning of a pattern. */
  readonly depth: Uint8Array;
  readonly #trie: PatternTrie;
  readonly #fallback: Int32Array;

  /** Of patterns that have 1 to {@link MAX_PATTERN_BYTES} bytes each. */
  constructor(patterns: readonly Uint8Array[]) {
    this.#trie = new PatternTrie(patterns);
    this.depth = this.#trie.depth;
    this.longest = new Uint8Array(this.#trie.size);
    this.#fallback = new Int32Array(this.#trie.size);
    this.#link();
  }

  /**
   * Reads on until a pattern has ended, the next byte is one of a line break, or the text is over. One loop over plain
   * arrays, since every byte of every log goes through it.
   */
  read(text: Uint8Array, reading: Reading): void {
    const { child, edge, rows } = this.#trie;
    const { longest } = this;
    const fallback = this.#fallback;
    const end = text.length;
    let { state, at } = reading;
    while (at < end) {
      const byte = text[at]!;
      if (byte === LINE_FEED || byte === CARRIAGE_RETURN) break;
      let next: number;
      for (; ; state = fallback[state]!) {
        const only = child[state]!;
        if (only < 0) next = rows[(-only - 1) * BYTES + byte]!;
        else next = edge[state] === byte ? only : 0;
        if (next !== 0 || state === 0) break;
      }
      state = next;
      at += 1;
      if (longest[state] !== 0) break;
    }
    reading.state = state;
    reading.at = at;
  }

  /** The state after one more byte. */
  #next(state: number, byte: number): number {
    for (let from = state; ; from = this.#fallback[from]!) {
      const to = this.#trie.childOf(from, byte);
      if (to !== 0 || from === 0) return to;
    }
  }

  /** Breadth first: what a state falls back to is shorter, and so is linked already. */
  #link(): void {
    const trie = this.#trie;
    const queue = new Int32Array(trie.size);
    let end = 1;
    for (let at = 0; at < end; at += 1) {
      const state = queue[at]!;
      trie.eachChild(state, (child, byte) => {
        const fallback = state === 0 ? 0 : this.#next(this.#fallback[state]!, byte);
        this.#fallback[child] = fallback;
        this.longest[child] = trie.isEnd[child] ? trie.depth[child]! : this.longest[fallback]!;
        queue[end++] = child;
      });
    }
  }
}
