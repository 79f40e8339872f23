import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Queryable } from '../../database/queryable.js';
import type { ObjectStore } from '../../storage/index.js';
import type { PieceRun } from '../log-piece.js';
import { isNotFound } from '../lost-object.js';
import { findBlock } from './archive.queries.js';
import { piecesAfter } from './block.js';

const inflate = promisify(gunzip);

/** More than the largest block has; an object that was tampered with does not fill the memory. */
const MAX_BLOCK_BYTES = 4 * 1024 * 1024;

/** The pieces of the next block of an archived log; undefined when index or object is gone. */
export async function readArchivedPieces(
  { db, objects }: { readonly db: Queryable; readonly objects: ObjectStore },
  place: {
    readonly buildId: string;
    readonly step: number;
    readonly after: number;
    readonly objectKey: string;
  },
): Promise<PieceRun | undefined> {
  const block = await findBlock(db, place);
  if (block === undefined) return undefined;
  const { storedStart: start, storedBytes } = block;
  try {
    const member = await buffer(await objects.open(place.objectKey, { start, end: start + storedBytes }));
    return piecesAfter(place.after, block, await inflate(member, { maxOutputLength: MAX_BLOCK_BYTES }));
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
