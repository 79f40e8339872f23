import { createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { type PipelineSource, PipelineError } from '../../pipeline/index.js';
import { CliError, usageError } from '../cli-error.js';

/** In the order in which a server looks for them. */
const FILES = ['.slipway.yml', '.vela.yml', '.vela.yaml'];

/** Far beyond what the parser takes, so that it says how much is too much; and an end for what has none. */
const MOST_BYTES = 16 * 1024 * 1024;

/** The named pipeline file, or the one of this directory. Throws a CliError NOT_FOUND. */
export async function findSource(file: string | undefined): Promise<string> {
  if (file !== undefined) return file;
  for (const candidate of FILES) {
    if (await exists(candidate)) return candidate;
  }
  const message = `no pipeline file was found here, expected one of ${FILES.join(', ')}`;
  throw new CliError('NOT_FOUND', message, { next: 'name the file, or - for standard input' });
}

/** A file's text, or standard input's for `-`. Throws a CliError, or a PipelineError when it is no text. */
export async function readSource(file: string): Promise<PipelineSource> {
  const stream = file === '-' ? process.stdin : createReadStream(file);
  return { file, text: decode(file, await readBytes(file, stream)) };
}

/** Whether somebody may be there; what is wrong with it is said when it is read. */
function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT',
  );
}

async function readBytes(file: string, stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > MOST_BYTES) break;
    }
  } catch (error) {
    throw unreadable(file, error as NodeJS.ErrnoException);
  }
  return Buffer.concat(chunks);
}

function unreadable(file: string, cause: NodeJS.ErrnoException): CliError {
  const name = JSON.stringify(file);
  if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') {
    return new CliError('NOT_FOUND', `file ${name} was not found`, { cause });
  }
  return usageError(`file ${name} cannot be read: ${cause.message}`);
}

function decode(file: string, bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: bytes.length <= MOST_BYTES, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    const value = 'bytes that are no UTF-8';
    throw new PipelineError([{ file, line: 1, column: 1, key: '', value, expected: 'text in UTF-8' }]);
  }
}
