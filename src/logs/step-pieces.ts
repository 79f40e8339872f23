import { readArchivedPieces } from './archive/archived-pieces.js';
import { removedNotice } from './log-notices.js';
import type { PieceRun } from './log-piece.js';
import type { LogStores } from './log-reader.js';
import type { StepLogOutline } from './outline.queries.js';
import { findStoredChunks } from './stored-chunks.queries.js';
import { piecesOf } from './stored-pieces.js';

/** Which pieces of a step's log are wanted. */
export interface StepRange {
  readonly buildId: string;
  readonly after: number;
  readonly maxPieces: number;
  readonly maxBytes: number;
  /** The time of notices. */
  readonly at: Date;
}

/**
 * Pieces of a step's log after a number, from where the outline says that it is: more than wanted, perhaps, and none
 * when nothing can be read yet. Undefined when it is not there any more.
 */
export async function readStepPieces(
  stores: LogStores,
  log: StepLogOutline,
  range: StepRange,
): Promise<PieceRun | undefined> {
  const { step, cappedFrom, lastSeq, objectKey } = log;
  if (log.isRemoved) return alone(removedNotice(lastSeq ?? log.maxSeq, range.at));
  if (log.isArchived && objectKey !== null) return readArchivedPieces(stores, { ...range, step, objectKey });
  const stored = await findStoredChunks(stores.db, {
    ...range,
    step,
    before: cappedFrom,
    maxChunks: range.maxPieces,
  });
  if (stored.chunks.length === 0 && mustBeStored(log, range.after)) return undefined;
  return piecesOf(stored, log, range);
}

function alone(piece: PieceRun['pieces'][number]): PieceRun {
  return { carry: new Uint8Array(), pieces: [piece] };
}

/** The chunk of the highest number is there as long as the log is. */
function mustBeStored({ maxSeq, cappedFrom }: StepLogOutline, after: number): boolean {
  return maxSeq > after && (cappedFrom === null || maxSeq < cappedFrom);
}
