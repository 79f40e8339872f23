/** Cuts a step's bytes into chunks of at most `chunkBytes`, numbered from 0 without a gap. */
export class LogChunker {
  readonly #chunkBytes: number;
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #nextSeq = 0;
  #bytes = 0;

  constructor(chunkBytes: number) {
    this.#chunkBytes = chunkBytes;
  }

  /** Number of the last chunk that was cut; -1 before the first. */
  get lastSeq(): number {
    return this.#nextSeq - 1;
  }

  /** Bytes of all chunks that were cut. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Takes bytes and returns the chunks that are full now. */
  push(bytes: Uint8Array): NumberedBytes[] {
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.byteLength;
    return this.#pendingBytes < this.#chunkBytes ? [] : this.#cut(this.#chunkBytes);
  }

  /** Returns what is left, however little. */
  flush(): NumberedBytes[] {
    return this.#cut(1);
  }

  /** Cuts while at least `leastBytes` wait. */
  #cut(leastBytes: number): NumberedBytes[] {
    let rest = Buffer.concat(this.#pending);
    const chunks: NumberedBytes[] = [];
    while (rest.byteLength >= leastBytes) {
      const bytes = rest.subarray(0, this.#chunkBytes);
      rest = rest.subarray(bytes.byteLength);
      this.#bytes += bytes.byteLength;
      chunks.push({ seq: this.#nextSeq++, bytes });
    }
    this.#pending = rest.byteLength > 0 ? [rest] : [];
    this.#pendingBytes = rest.byteLength;
    return chunks;
  }
}

/** One chunk of one step. */
export interface NumberedBytes {
  readonly seq: number;
  readonly bytes: Uint8Array;
}
