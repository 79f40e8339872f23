import type { ValueOf } from '../base/state-machine.js';

/** What a piece of a log is: what a step wrote, or a notice of the server in the place of what is not there. */
export const LogPieceKind = {
  TEXT: 'TEXT',
  MISSING: 'MISSING',
  CAPPED: 'CAPPED',
  REMOVED: 'REMOVED',
} as const;
export type LogPieceKind = ValueOf<typeof LogPieceKind>;

/** A piece of a step's log, as bytes. */
export interface LogPiece {
  /** Its number; of a notice the last number that it stands for, so that a reader goes on behind it. */
  readonly seq: number;
  readonly at: Date;
  readonly data: Uint8Array;
  readonly kind: LogPieceKind;
  /** Chunks that a notice says are missing; 0 otherwise. */
  readonly missing: number;
}

/** Pieces of one step that follow each other. */
export interface PieceRun {
  /** The last bytes before them, at most {@link CARRY_BYTES}: a character may have been cut in two. */
  readonly carry: Uint8Array;
  readonly pieces: readonly LogPiece[];
}

/** Bytes that may belong to a character which the next chunk ends: one less than the longest has in UTF-8. */
export const CARRY_BYTES = 3;
