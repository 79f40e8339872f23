import { cappedNotice, missingNotice } from './log-notices.js';
import { CARRY_BYTES, type LogPiece, type PieceRun } from './log-piece.js';
import type { StepLogOutline } from './outline.queries.js';
import type { StoredChunk, StoredChunks } from './stored-chunks.queries.js';

/**
 * The pieces that stored chunks make, in order and without silent gaps: a chunk is held back until its predecessor is
 * there; once the log is sealed, a notice stands for what never came.
 */
export function piecesOf(
  { chunks, ends, isAll }: StoredChunks,
  log: StepLogOutline,
  { after, at }: { readonly after: number; readonly at: Date },
): PieceRun {
  const carry = carryOf(ends, after);
  const run = new RunOfPieces({ after, before: carry, at });
  const isSealed = log.lastSeq !== null;
  for (const chunk of chunks) {
    if (chunk.seq !== run.next && !isSealed) return { carry, pieces: run.pieces };
    run.skipTo(chunk.seq);
    run.take(chunk);
  }
  if (isAll) endWith(run, log);
  return { carry, pieces: run.pieces };
}

function endWith(run: RunOfPieces, { cappedFrom, lastSeq }: StepLogOutline): void {
  const isSealed = lastSeq !== null;
  if (cappedFrom !== null && (isSealed || run.next === cappedFrom)) {
    run.skipTo(cappedFrom);
    run.cap(cappedFrom);
  } else if (isSealed) {
    run.skipTo(lastSeq + 1);
  }
}

/** Bytes that adjoin: of chunks without a gap between them and the number. */
function carryOf(ends: readonly StoredChunk[], after: number): Uint8Array {
  const adjoining = ends.filter(({ seq }, index) => after - seq === ends.length - 1 - index);
  return Buffer.concat(adjoining.map(({ data }) => data)).subarray(-CARRY_BYTES);
}

class RunOfPieces {
  readonly pieces: LogPiece[] = [];
  next: number;
  #before: Uint8Array;
  readonly #at: Date;

  constructor(start: { readonly after: number; readonly before: Uint8Array; readonly at: Date }) {
    this.next = start.after + 1;
    this.#before = start.before;
    this.#at = start.at;
  }

  take({ seq, at, data }: StoredChunk): void {
    this.#add({ seq, at, data, kind: 'TEXT', missing: 0 });
  }

  /** Marks what is missing before a number. */
  skipTo(seq: number): void {
    if (seq > this.next) this.#add(missingNotice(this.next, seq - 1, { before: this.#before, at: this.#at }));
  }

  cap(seq: number): void {
    if (seq === this.next) this.#add(cappedNotice(seq, { before: this.#before, at: this.#at }));
  }

  #add(piece: LogPiece): void {
    this.pieces.push(piece);
    this.next = piece.seq + 1;
    if (piece.data.byteLength > 0) this.#before = piece.data;
  }
}
