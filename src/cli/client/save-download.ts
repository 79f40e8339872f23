import { createHash } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import type { Client } from './client.js';
import { openDownload, type Download } from './download.js';
import { CliError } from '../cli-error.js';

/** What is fetched, and where it is saved. */
export interface SaveRequest {
  /** On the server. */
  readonly path: string;
  readonly file: string;
  /** Header, or trailer, that says the SHA-256. */
  readonly sha256Header: string;
}

/**
 * Saves what a server sends to a file, which is in its place only when it is whole. Gives what else the server has said.
 * Throws a CliError when the bytes are not those that the server has counted.
 */
export async function saveDownload(
  client: Client,
  { path, file, sha256Header }: SaveRequest,
): Promise<Download['said']> {
  const download = await openDownload(client.endpoint, path, client.signal);
  const part = `${file}.part`;
  try {
    const sha256 = await writing(file, () => save(download, part));
    assertSame(sha256, download.said(sha256Header), file);
    await writing(file, () => rename(part, file));
    return download.said;
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
    throw new CliError('UNREACHABLE', 'the file did not come to its end', {
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
      ? `${file}: the server, or a proxy before it, did not say the SHA-256 of the file`
      : `${file}: what came has SHA-256 ${found}, and the server sent one with ${said}`;
  throw new CliError('FAILED', message, { next: 'the same command again' });
}
