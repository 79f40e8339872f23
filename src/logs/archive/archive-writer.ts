import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { LogPiece } from '../log-piece.js';
import { indexed, lastBytes, type BlockIndex, type IndexedPiece } from './block.js';

const compress = promisify(gzip);

/** A reader that wants one piece inflates a block: large enough to compress well, small enough to be cheap. */
const BLOCK_BYTES = 512 * 1024;
const BLOCK_PIECES = 1_000;
const NEWLINE = 0x0a;

/** What is known of a log once all of it has been written. */
export interface ArchivedLog {
  readonly lines: number;
  readonly plainBytes: number;
  readonly plainSha256: Buffer;
  readonly blocks: readonly BlockIndex[];
}

/** Turns the pieces of a log into gzip members, a block at a time, and keeps the index of where each piece is. */
export class ArchiveWriter {
  readonly #hash = createHash('sha256');
  readonly #blocks: BlockIndex[] = [];
  #pieces: LogPiece[] = [];
  #pendingBytes = 0;
  #carry: Uint8Array = new Uint8Array();
  #plainBytes = 0;
  #storedBytes = 0;
  #newlines = 0;

  /** The object: a gzip file. Its text is what readers of the log see, notices included. */
  async *members(pieces: AsyncIterable<LogPiece>): AsyncGenerator<Uint8Array> {
    for await (const piece of pieces) {
      this.#pieces.push(piece);
      this.#pendingBytes += piece.data.byteLength;
      if (this.#pendingBytes >= BLOCK_BYTES || this.#pieces.length >= BLOCK_PIECES)
        yield await this.#endBlock();
    }
    if (this.#pieces.length > 0) yield await this.#endBlock();
  }

  /** For when all members have been taken. */
  result(): ArchivedLog {
    const isLineOpen = this.#carry.byteLength > 0 && this.#carry.at(-1) !== NEWLINE;
    return {
      lines: this.#newlines + Number(isLineOpen),
      plainBytes: this.#plainBytes,
      plainSha256: this.#hash.digest(),
      blocks: this.#blocks,
    };
  }

  async #endBlock(): Promise<Uint8Array> {
    const pieces = this.#pieces;
    const bytes = Buffer.concat(pieces.map(({ data }) => data));
    this.#pieces = [];
    this.#pendingBytes = 0;
    this.#hash.update(bytes);
    this.#newlines += countNewlines(bytes);
    this.#plainBytes += bytes.byteLength;
    const member = await compress(bytes);
    this.#note(pieces.map(indexed), member.byteLength);
    this.#carry = Buffer.from(lastBytes(this.#carry, bytes));
    return member;
  }

  #note(pieces: readonly IndexedPiece[], storedBytes: number): void {
    const lastSeq = pieces.at(-1)?.[0] ?? -1;
    this.#blocks.push({ lastSeq, storedStart: this.#storedBytes, storedBytes, carry: this.#carry, pieces });
    this.#storedBytes += storedBytes;
  }
}

function countNewlines(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) count += 1;
  return count;
}
