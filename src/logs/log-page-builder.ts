import type { LogPiece, PieceRun } from './log-piece.js';
import type { LogPosition } from './log-position.js';
import type { LogSlice } from './log-slice.js';
import { PieceDecoder } from './piece-decoder.js';

/** Bytes of a page, unless a single piece has more: what a reader holds in memory. */
const PAGE_BYTES = 1024 * 1024;

/** Of which step a run of pieces is, and where its log ends, as far as that is known. */
interface RunOfStep {
  readonly step: number;
  readonly lastSeq: number | null;
}

/** Collects pieces of a build's log from a position on, until enough of them are there. */
export class LogPageBuilder {
  readonly buildId: string;
  readonly #start: LogPosition;
  readonly #limit: number;
  readonly #runs: (RunOfStep & PieceRun)[] = [];
  #end: LogPosition;
  #count = 0;
  #bytes = 0;

  constructor(range: { readonly buildId: string; readonly after: LogPosition; readonly limit: number }) {
    this.buildId = range.buildId;
    this.#start = range.after;
    this.#end = range.after;
    this.#limit = range.limit;
  }

  /** The position behind the last piece; the same object until another one comes. */
  get end(): LogPosition {
    return this.#end;
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  get isFull(): boolean {
    return this.#count >= this.#limit || this.#bytes >= PAGE_BYTES;
  }

  /** What still fits; a first piece does in any case. */
  get room(): { readonly maxPieces: number; readonly maxBytes: number } {
    return { maxPieces: this.#limit - this.#count, maxBytes: PAGE_BYTES - this.#bytes };
  }

  /** The last number of a step that was seen. */
  seqOf(step: number): number {
    return this.#end.get(step) ?? -1;
  }

  /** Takes pieces that follow, as many as fit. */
  take({ carry, pieces }: PieceRun, { step, lastSeq }: RunOfStep): void {
    const { maxPieces, maxBytes } = this.room;
    let bytes = 0;
    const fitting = pieces.slice(0, maxPieces).filter(({ data }, index) => {
      const isFirst = index === 0;
      const fits = isFirst || bytes < maxBytes;
      bytes += data.byteLength;
      return fits;
    });
    this.#runs.push({ step, lastSeq, carry, pieces: fitting });
    this.#count += fitting.length;
    this.#bytes += fitting.reduce((sum, { data }) => sum + data.byteLength, 0);
    const last = fitting.at(-1);
    if (last !== undefined) this.#end = new Map(this.#end).set(step, last.seq);
  }

  *pieces(): Generator<LogPiece> {
    for (const { pieces } of this.#runs) yield* pieces;
  }

  /** The pieces as text, each with the position behind it. */
  slices(): LogSlice[] {
    let cursor = this.#start;
    return this.#runs.flatMap(({ step, lastSeq, carry, pieces }) => {
      const decoder = new PieceDecoder({ carry, lastSeq });
      return pieces.map((piece) => {
        const { seq, at, kind, missing } = piece;
        cursor = new Map(cursor).set(step, seq);
        return { step, seq, at, kind, missing, text: decoder.textOf(piece), cursor };
      });
    });
  }
}
