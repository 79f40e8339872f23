import { notFound } from '../base/errors.js';
import type { Queryable } from '../database/queryable.js';
import { decodeChunk } from './log-decoder.js';
import type { LogPosition } from './log-position.js';
import type { LogSlice } from './log-slice.js';
import {
  findLogChunks,
  findLogOutline,
  type LogChunkRow,
  type LogOutline,
  type LogRange,
} from './logs.queries.js';

/** Part of a log, and whether anything may follow. */
export interface LogPart {
  readonly slices: readonly LogSlice[];
  readonly end: LogPosition;
  /** The build is over and this is the end of its log. */
  readonly isFinal: boolean;
}

/**
 * What follows a position, in the order of steps and numbers, without gaps: a chunk is held back until its predecessor
 * is there, or until the log is sealed and it never comes. Throws NOT_FOUND for an unknown build.
 */
export async function readLog(db: Queryable, range: LogRange): Promise<LogPart> {
  // The outline first: a chunk stored between the two reads is then seen, and an end is never claimed too early.
  const outline = await findLogOutline(db, range.buildId);
  if (!outline) throw notFound('build', range.buildId);
  const chunks = await findLogChunks(db, range);
  const { slices, end } = takeInOrder(chunks, outline, range.after);
  const isFinal = chunks.length < range.limit && isAllThere(outline, end, range.step);
  return { slices, end, isFinal };
}

function takeInOrder(
  chunks: readonly LogChunkRow[],
  outline: LogOutline,
  after: LogPosition,
): { slices: LogSlice[]; end: LogPosition } {
  const slices: LogSlice[] = [];
  let end = after;
  for (const chunk of chunks) {
    const next = (end.get(chunk.step) ?? -1) + 1;
    if (chunk.seq !== next && !outline.isSealed) continue;
    end = new Map(end).set(chunk.step, chunk.seq);
    const { step, seq, at } = chunk;
    slices.push({ step, seq, at, text: decodeChunk(chunk, outline), cursor: end });
  }
  return { slices, end };
}

function isAllThere(outline: LogOutline, end: LogPosition, step: number | undefined): boolean {
  if (outline.isSealed) return true;
  if (!outline.isBuildOver || outline.lastSeqs === null) return false;
  const announced = [...outline.lastSeqs].filter(([number]) => step === undefined || number === step);
  return announced.every(([number, lastSeq]) => (end.get(number) ?? -1) >= lastSeq);
}
