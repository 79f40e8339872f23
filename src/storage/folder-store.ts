import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { DomainError, ErrorCode, notFound, ValidationError } from '../base/errors.js';
import type { ByteRange, ObjectStore, StoredObject } from './object-store.js';

const NAME = /^(?!\.)[\w.-]{1,200}$/;

/**
 * Objects as files below one folder. A file is written beside its place, synced, and then renamed: a crash leaves a
 * draft in `drafts/` at worst.
 */
export class FolderStore implements ObjectStore {
  readonly #root: string;

  /** @param root An absolute path; made when the first object comes. */
  constructor(root: string) {
    this.#root = root;
  }

  async put(
    key: string,
    content: AsyncIterable<Uint8Array>,
    limit: { readonly maxBytes: number } = { maxBytes: Infinity },
  ): Promise<StoredObject> {
    const path = this.#pathOf(key);
    const draft = join(this.#root, 'drafts', randomUUID());
    await Promise.all(
      [dirname(path), dirname(draft)].map((dir) => mkdir(dir, { recursive: true, mode: 0o700 })),
    );
    try {
      const stored = await writeDraft(draft, content, limit.maxBytes);
      await rename(draft, path);
      await syncDirectory(dirname(path));
      return stored;
    } finally {
      await rm(draft, { force: true });
    }
  }

  async open(key: string, range: ByteRange = { start: 0 }): Promise<Readable> {
    const file = await open(this.#pathOf(key), 'r').catch((error: unknown) => {
      throw isMissing(error) ? notFound('object', key) : error;
    });
    const end = range.end === undefined ? {} : { end: range.end - 1 };
    return file.createReadStream({ start: range.start, ...end });
  }

  async remove(key: string): Promise<void> {
    await rm(this.#pathOf(key), { force: true });
  }

  #pathOf(key: string): string {
    const names = key.split('/');
    if (names.every((name) => NAME.test(name))) return join(this.#root, 'objects', ...names);
    throw ValidationError.of('key', key, 'plain names separated by slashes');
  }
}

async function writeDraft(
  path: string,
  content: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<StoredObject> {
  const file = await open(path, 'wx', 0o600);
  try {
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const chunk of content) {
      bytes += chunk.byteLength;
      if (bytes > maxBytes) throw tooLarge(maxBytes);
      hash.update(chunk);
      await writeAll(file, chunk);
    }
    await file.sync();
    return { bytes, sha256: hash.digest('hex') };
  } finally {
    await file.close();
  }
}

async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let offset = 0; offset < chunk.byteLength;) {
    const { bytesWritten } = await file.write(chunk, offset);
    offset += bytesWritten;
  }
}

/** A rename is durable once its directory is. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

function tooLarge(maxBytes: number): DomainError {
  const message = `an object may have ${maxBytes} bytes, and more came`;
  return new DomainError(ErrorCode.TOO_LARGE, message, { limit: maxBytes });
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
