import type { Readable } from 'node:stream';
import { notFound } from '../base/errors.js';
import type { ObjectStore } from '../storage/index.js';
import type { LogReader, LogStores } from './log-reader.js';
import { isNotFound, lostObject } from './lost-object.js';
import { findStepLogs } from './step-logs.queries.js';
import type { StepLogState } from './step-log.js';

/** The whole log of a step, as a file. */
export interface LogDownload {
  readonly state: StepLogState;
  /** Of the text, in hex; null until it is archived. */
  readonly sha256: string | null;
  /** The archived object, which is a gzip file of the text; null when there is none. */
  readonly archive: { readonly bytes: number; open: () => Promise<Readable> } | null;
  /** What readers see, as far as it is there now; bounded in memory whatever its length. */
  readonly text: () => AsyncIterable<Uint8Array>;
}

/** The log of a step for who wants all of it. Throws NOT_FOUND for a step without a log. */
export async function openLogDownload(
  { db, objects }: LogStores,
  logs: LogReader,
  { buildId, step }: { readonly buildId: string; readonly step: number },
): Promise<LogDownload> {
  const log = (await findStepLogs(db, buildId)).find(({ step: number }) => number === step);
  if (log === undefined) throw notFound('log', `${buildId}/${step}`);
  const { state, sha256, objectKey, storedBytes } = log;
  const isArchived = state === 'ARCHIVED' && objectKey !== null && storedBytes !== null;
  return {
    state,
    sha256: isArchived ? sha256 : null,
    archive: isArchived
      ? { bytes: storedBytes, open: () => openObject(objects, { buildId, step, objectKey }) }
      : null,
    text: () => bytesOf(logs, buildId, step),
  };
}

async function openObject(
  objects: ObjectStore,
  log: { readonly buildId: string; readonly step: number; readonly objectKey: string },
): Promise<Readable> {
  try {
    return await objects.open(log.objectKey);
  } catch (error) {
    throw isNotFound(error) ? lostObject(log) : error;
  }
}

async function* bytesOf(logs: LogReader, buildId: string, step: number): AsyncGenerator<Uint8Array> {
  for await (const { data } of logs.pieces(buildId, step)) yield data;
}
