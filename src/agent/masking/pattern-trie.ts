/** How many different bytes there are: the length of a row. */
export const BYTES = 256;

/**
 * The tree of all patterns, one state for each of their beginnings; state 0 is the empty one. Almost every state has
 * exactly one child, which costs it five bytes; the others get a row for all 256 bytes.
 */
export class PatternTrie {
  /** The only child; 0 without one; `-row - 1` where there may be several. */
  readonly child: Int32Array;
  /** The byte that leads to the only child. */
  readonly edge: Uint8Array;
  /** Length of what leads to a state: of a pattern at most 255. */
  readonly depth: Uint8Array;
  /** True for a state that is a whole pattern. */
  readonly isEnd: Uint8Array;
  rows = new Int32Array(BYTES);
  #rowCount = 1;
  #size = 1;

  /** Of patterns that have 1 to 255 bytes each. */
  constructor(patterns: readonly Uint8Array[]) {
    const mostStates = 1 + patterns.reduce((sum, { byteLength }) => sum + byteLength, 0);
    this.child = new Int32Array(mostStates);
    this.edge = new Uint8Array(mostStates);
    this.depth = new Uint8Array(mostStates);
    this.isEnd = new Uint8Array(mostStates);
    this.child[0] = -1;
    for (const pattern of patterns) this.#add(pattern);
  }

  /** How many states there are. */
  get size(): number {
    return this.#size;
  }

  /** The state after one more byte of a pattern; 0 when no pattern goes on like this. */
  childOf(state: number, byte: number): number {
    const child = this.child[state]!;
    if (child < 0) return this.rows[(-child - 1) * BYTES + byte]!;
    return this.edge[state] === byte ? child : 0;
  }

  /** Calls for each child of a state. */
  eachChild(state: number, visit: (child: number, byte: number) => void): void {
    const child = this.child[state]!;
    if (child > 0) return visit(child, this.edge[state]!);
    if (child === 0) return;
    const row = (-child - 1) * BYTES;
    for (let byte = 0; byte < BYTES; byte += 1) {
      const next = this.rows[row + byte]!;
      if (next !== 0) visit(next, byte);
    }
  }

  #add(pattern: Uint8Array): void {
    let state = 0;
    for (const byte of pattern) state = this.childOf(state, byte) || this.#grow(state, byte);
    this.isEnd[state] = 1;
  }

  #grow(parent: number, byte: number): number {
    const state = this.#size++;
    this.depth[state] = this.depth[parent]! + 1;
    if (this.child[parent] === 0) {
      this.child[parent] = state;
      this.edge[parent] = byte;
    } else {
      const row = this.#rowOf(parent); // May replace the rows.
      this.rows[row + byte] = state;
    }
    return state;
  }

  /** Where the row of a state begins; an only child moves into it. */
  #rowOf(state: number): number {
    const child = this.child[state]!;
    if (child < 0) return (-child - 1) * BYTES;
    const row = this.#rowCount++;
    if (this.rows.length < this.#rowCount * BYTES) this.rows = grown(this.rows);
    this.rows[row * BYTES + this.edge[state]!] = child;
    this.child[state] = -row - 1;
    return row * BYTES;
  }
}

function grown(rows: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(rows.length * 2);
  larger.set(rows);
  return larger;
}
