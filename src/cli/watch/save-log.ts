import { createHash } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import type { Client } from '../client/client.js';
import { openDownload, type Download } from '../client/download.js';
import { CliError } from '../cli-error.js';

/** Which log is saved, and where. */
export interface SaveLogRequest {
  readonly build: string;
  readonly step: number;
  readonly file: string;
}

/** A log in a file. */
export interface SavedLog {
  /** OPEN: the build still runs, and this is its log so far. */
  readonly state: string | undefined;
}

/**
 * Saves the log of a step, which is in its place only when it is whole. Throws a CliError when the bytes are not those
 * that the server has counted.
 */
export async function saveLog(client: Client, { build, step, file }: SaveLogRequest): Promise<SavedLog> {
  const download = await openDownload(client.endpoint, `/logs/${build}/${step}`, client.signal);
  const part = `${file}.part`;
  try {
    const sha256 = await writing(file, () => save(download, part));
    assertSame(sha256, download.said('slipway-log-sha256'), file);
    await writing(file, () => rename(part, file));
    return { state: download.said('slipway-log-state') };
  } finally {
    download.content.destroy();
    await rm(part, { force: true });
  }
}

async function save(download: Download, path: string): Promise<string> {
  const hash = createHash('sha256');
  const file = await open(path, 'w');
  try {
    for await (const chunk of received(download)) {
      hash.update(chunk);
      await file.appendFile(chunk);
    }
  } finally {
    await file.close();
  }
  return hash.digest('hex');
}

async function* received({ content }: Download): AsyncGenerator<Uint8Array> {
  try {
    yield* content as AsyncIterable<Uint8Array>;
  } catch (cause) {
    throw new CliError('UNREACHABLE', 'the log did not come to its end', {
      cause,
      next: 'the same command again',
    });
  }
}

/** What is wrong with a file is said with its name. */
async function writing<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof CliError || !(cause instanceof Error)) throw cause;
    throw new CliError('FAILED', `${file} cannot be written: ${cause.message}`, { cause });
  }
}

/** A proxy may drop trailers: what was not said cannot be compared, and is no proof. */
function assertSame(found: string, said: string | undefined, file: string): void {
  if (found === said) return;
  const message =
    said === undefined
      ? `${file}: the server, or a proxy before it, did not say the SHA-256 of the log`
      : `${file}: the log has SHA-256 ${found}, and the server sent one with ${said}`;
  throw new CliError('FAILED', message, { next: 'the same command again' });
}
