import { notFound } from '../base/errors.js';
import type { Queryable } from '../database/queryable.js';
import type { ObjectStore } from '../storage/index.js';
import { openLogDownload, type LogDownload } from './log-download.js';
import { LogPageBuilder } from './log-page-builder.js';
import type { LogPiece } from './log-piece.js';
import { LOG_START, type LogPosition } from './log-position.js';
import type { LogSlice } from './log-slice.js';
import { lostObject } from './lost-object.js';
import { findLogOutline, type LogOutline, type StepLogOutline } from './outline.queries.js';
import type { StepLog } from './step-log.js';
import { findStepLogs } from './step-logs.queries.js';
import { readStepPieces } from './step-pieces.js';

/** Pieces at a time for whoever wants a whole log; a page ends by its bytes before. */
const PIECES_PER_READ = 1_000;

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

/** Where logs are kept: first as rows, then as objects. */
export interface LogStores {
  readonly db: Queryable;
  readonly objects: ObjectStore;
}

/** Reads logs, wherever they are kept: a reader does not see that a log moves. */
export class LogReader {
  constructor(private readonly stores: LogStores) {}

  /**
   * What follows a position, in the order of steps and numbers, without silent gaps; at most a page of 1 MiB or one
   * piece. Throws NOT_FOUND for an unknown build.
   */
  async read(range: LogRange): Promise<LogPart> {
    const { page, outline } = await this.#readPage(range);
    return { slices: page.slices(), end: page.end, isFinal: isEnd(outline, page.end, range.step) };
  }

  /** The log of a step as far as it is there now, a page in memory at a time. Throws NOT_FOUND for an unknown build. */
  async *pieces(buildId: string, step: number): AsyncGenerator<LogPiece> {
    let after = LOG_START;
    for (;;) {
      const { page } = await this.#readPage({ buildId, step, after, limit: PIECES_PER_READ });
      if (page.isEmpty) return;
      yield* page.pieces();
      after = page.end;
    }
  }

  /** The log of a step as a file. Throws NOT_FOUND for a step without a log. */
  download(place: { readonly buildId: string; readonly step: number }): Promise<LogDownload> {
    return openLogDownload(this.stores, this, place);
  }

  /** The logs of a build's steps as a whole, by number; none for an unknown build. */
  steps(buildId: string): Promise<readonly StepLog[]> {
    return findStepLogs(this.stores.db, buildId);
  }

  async #readPage(range: LogRange): Promise<{ page: LogPageBuilder; outline: LogOutline }> {
    const page = new LogPageBuilder(range);
    for (let misses = 0; ;) {
      // The outline first: a chunk stored between the two reads is then seen, and an end is never claimed too early.
      const outline = await this.#outlineOf(range.buildId);
      const before = page.end;
      const gone = await this.#fill(page, outline, range.step);
      if (gone === undefined) return { page, outline };
      // It was archived or removed between the two reads. If it is not where the outline says twice, it is nowhere.
      misses = page.end === before ? misses + 1 : 1;
      if (misses > 2) throw lostObject({ ...gone, buildId: range.buildId });
    }
  }

  /** Reads until the page is full; answers the step whose log is not where the outline says. */
  async #fill(
    page: LogPageBuilder,
    outline: LogOutline,
    step: number | undefined,
  ): Promise<StepLogOutline | undefined> {
    for (const log of outline.steps) {
      if (step !== undefined && log.step !== step) continue;
      while (!page.isFull && hasNews(log, page.seqOf(log.step))) {
        const run = await readStepPieces(this.stores, log, {
          ...page.room,
          buildId: page.buildId,
          after: page.seqOf(log.step),
          at: log.sealedAt === null ? outline.at : new Date(log.sealedAt),
        });
        if (run === undefined) return log;
        if (run.pieces.length === 0) break;
        page.take(run, { step: log.step, lastSeq: log.lastSeq ?? outline.announced?.get(log.step) ?? null });
      }
    }
    return undefined;
  }

  async #outlineOf(buildId: string): Promise<LogOutline> {
    const outline = await findLogOutline(this.stores.db, buildId);
    if (outline === undefined) throw notFound('build', buildId);
    return outline;
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
