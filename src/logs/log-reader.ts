import { notFound } from '../base/errors.js';
import type { Queryable } from '../database/queryable.js';
import type { LogPosition } from './log-position.js';
import { removedNotice } from './log-notices.js';
import type { LogPiece, PieceRun } from './log-piece.js';
import type { LogSlice } from './log-slice.js';
import { findLogOutline, type LogOutline, type StepLogOutline } from './outline.queries.js';
import { PieceDecoder } from './piece-decoder.js';
import { findStoredChunks } from './stored-chunks.queries.js';
import { piecesOf } from './stored-pieces.js';

/** Bytes of a page, unless a single piece has more: what a reader holds in memory. */
const PAGE_BYTES = 1024 * 1024;

/** Which part of a log is wanted. */
export interface LogRange {
  readonly buildId: string;
  /** One step; undefined for all. */
  readonly step: number | undefined;
  readonly after: LogPosition;
  /** Most pieces. */
  readonly limit: number;
}

/** Part of a log, and whether anything may follow. */
export interface LogPart {
  readonly slices: readonly LogSlice[];
  readonly end: LogPosition;
  /** The build is over and this is the end of its log. */
  readonly isFinal: boolean;
}

/** Reads logs, wherever they are kept. */
export class LogReader {
  readonly #db: Queryable;

  constructor({ db }: { readonly db: Queryable }) {
    this.#db = db;
  }

  /**
   * What follows a position, in the order of steps and numbers, without silent gaps; at most a page of 1 MiB or one
   * piece. Throws NOT_FOUND for an unknown build.
   */
  async read(range: LogRange): Promise<LogPart> {
    // The outline first: a chunk stored between the two reads is then seen, and an end is never claimed too early.
    const outline = await this.#outlineOf(range.buildId);
    const page = new Page(range);
    for (const log of outline.steps) {
      if (range.step !== undefined && log.step !== range.step) continue;
      while (!page.isFull && hasNews(log, page.seqOf(log.step))) {
        if (!(await this.#readOn(page, log, outline))) break;
      }
    }
    return { slices: page.slices, end: page.end, isFinal: isEnd(outline, page.end, range.step) };
  }

  async #readOn(page: Page, log: StepLogOutline, outline: LogOutline): Promise<boolean> {
    const after = page.seqOf(log.step);
    const at = log.sealedAt === null ? outline.at : new Date(log.sealedAt);
    const run = await this.#piecesOf(log, { ...page.room, buildId: page.buildId, after, at });
    page.take(log, run, log.lastSeq ?? outline.announced?.get(log.step) ?? null);
    return run.pieces.length > 0;
  }

  async #piecesOf(
    log: StepLogOutline,
    range: { buildId: string; after: number; at: Date; maxPieces: number; maxBytes: number },
  ): Promise<PieceRun> {
    if (log.isRemoved) {
      return { carry: new Uint8Array(), pieces: [removedNotice(log.lastSeq ?? log.maxSeq, range.at)] };
    }
    const stored = await findStoredChunks(this.#db, {
      ...range,
      step: log.step,
      before: log.cappedFrom,
      maxChunks: range.maxPieces,
    });
    return piecesOf(stored, log, range);
  }

  async #outlineOf(buildId: string): Promise<LogOutline> {
    const outline = await findLogOutline(this.#db, buildId);
    if (outline === undefined) throw notFound('build', buildId);
    return outline;
  }
}

class Page {
  readonly buildId: string;
  readonly slices: LogSlice[] = [];
  end: LogPosition;
  readonly #limit: number;
  #bytes = 0;

  constructor({ buildId, after, limit }: LogRange) {
    this.buildId = buildId;
    this.end = after;
    this.#limit = limit;
  }

  get isFull(): boolean {
    return this.slices.length >= this.#limit || this.#bytes >= PAGE_BYTES;
  }

  get room(): { maxPieces: number; maxBytes: number } {
    return { maxPieces: this.#limit - this.slices.length, maxBytes: PAGE_BYTES - this.#bytes };
  }

  seqOf(step: number): number {
    return this.end.get(step) ?? -1;
  }

  take({ step }: StepLogOutline, { carry, pieces }: PieceRun, lastSeq: number | null): void {
    const decoder = new PieceDecoder({ carry, lastSeq });
    for (const piece of pieces.slice(0, this.room.maxPieces)) this.#add(step, piece, decoder.textOf(piece));
  }

  #add(step: number, { seq, at, kind, missing, data }: LogPiece, text: string): void {
    this.#bytes += data.byteLength;
    this.end = new Map(this.end).set(step, seq);
    this.slices.push({ step, seq, at, kind, missing, text, cursor: this.end });
  }
}

function hasNews({ maxSeq, cappedFrom, lastSeq }: StepLogOutline, after: number): boolean {
  return after < (lastSeq ?? Math.max(maxSeq, cappedFrom ?? -1));
}

function isEnd(
  { isSealed, announced, steps }: LogOutline,
  end: LogPosition,
  step: number | undefined,
): boolean {
  const isRead = ([number, lastSeq]: readonly [number, number]): boolean =>
    (step !== undefined && number !== step) || (end.get(number) ?? -1) >= lastSeq;
  if (isSealed) return steps.every((log) => isRead([log.step, log.lastSeq ?? log.maxSeq]));
  if (announced === null) return false;
  const caps = new Map(steps.map((log) => [log.step, log.cappedFrom ?? Infinity]));
  return [...announced].every(([number, lastSeq]) =>
    isRead([number, Math.min(lastSeq, caps.get(number) ?? Infinity)]),
  );
}
