import { CARRY_BYTES, type LogPiece, type LogPieceKind, type PieceRun } from '../log-piece.js';

/** A piece in the index of a block: number, bytes, time in ms, and of a notice its kind and what it says is missing. */
export type IndexedPiece =
  | readonly [seq: number, bytes: number, atMs: number]
  | readonly [seq: number, bytes: number, atMs: number, kind: LogPieceKind, missing: number];

/** What the index of an archived log says of a block, which is a gzip member of its object. */
export interface BlockIndex {
  readonly lastSeq: number;
  readonly storedStart: number;
  readonly storedBytes: number;
  /** The last bytes before it, for a character that was cut in two. */
  readonly carry: Uint8Array;
  readonly pieces: readonly IndexedPiece[];
}

/** How the index shows a piece. */
export function indexed({ seq, data, at, kind, missing }: LogPiece): IndexedPiece {
  const place = [seq, data.byteLength, at.getTime()] as const;
  return kind === 'TEXT' ? place : [...place, kind, missing];
}

/** The pieces after a number, cut out of the block's bytes. */
export function piecesAfter(after: number, block: BlockIndex, bytes: Uint8Array): PieceRun {
  const pieces: LogPiece[] = [];
  let [start, runStart] = [0, 0];
  for (const [seq, size, atMs, kind = 'TEXT', missing = 0] of block.pieces) {
    const data = bytes.subarray(start, start + size);
    start += size;
    if (seq > after) pieces.push({ seq, data, at: new Date(atMs), kind, missing });
    else runStart = start;
  }
  return { carry: lastBytes(block.carry, bytes.subarray(0, runStart)), pieces };
}

/** The end of two stretches of bytes that follow each other. */
export function lastBytes(before: Uint8Array, then: Uint8Array): Uint8Array {
  const end = then.subarray(-CARRY_BYTES);
  return end.byteLength === CARRY_BYTES ? end : Buffer.concat([before, end]).subarray(-CARRY_BYTES);
}
