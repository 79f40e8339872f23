import { constants, type Stats } from 'node:fs';
import { type FileHandle, lstat, open, readdir } from 'node:fs/promises';
import { isErrno } from '../state/errno.js';

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK } = constants;

/** A regular file that was opened, or why a name is none. */
export type OpenedFile =
  | { readonly kind: 'OPENED'; readonly file: FileHandle; readonly bytes: number }
  | { readonly kind: 'MISSING' }
  | { readonly kind: 'REFUSED'; readonly reason: string };

/**
 * A directory that steps write to, held by its descriptor. Names in it are looked up through the descriptor, one
 * component at a time and without following links: whatever a step makes of its directories meanwhile, nothing outside
 * of them is opened. Linux only.
 */
export class ContainedDirectory {
  readonly #handle: FileHandle;

  private constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  /** Null when there is no such directory, or a link in its place. */
  static async open(path: string): Promise<ContainedDirectory | null> {
    const handle = await openDirectory(path);
    return handle && new ContainedDirectory(handle);
  }

  /** The directory of that name in it; null when it is something else. */
  directory(name: string): Promise<ContainedDirectory | null> {
    return ContainedDirectory.open(this.#pathOf(name));
  }

  /** What is in it, by name; names that are not UTF-8 have U+FFFD in them and lead to nothing. */
  async entries(): Promise<
    { readonly name: string; readonly isDirectory: boolean; readonly isFile: boolean }[]
  > {
    const entries = await readdir(this.#pathOf('.'), { withFileTypes: true });
    return entries.map((entry) => ({
      name: entry.name,
      isDirectory: entry.isDirectory(),
      isFile: entry.isFile(),
    }));
  }

  /** The file of that name in it. A device or a pipe is not even opened. */
  async file(name: string): Promise<OpenedFile> {
    const path = this.#pathOf(name);
    try {
      const seen = await lstat(path);
      if (!seen.isFile()) return { kind: 'REFUSED', reason: kindOf(seen) };
      const file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
      const found = await file.stat();
      if (found.ino === seen.ino && found.dev === seen.dev)
        return { kind: 'OPENED', file, bytes: found.size };
      await file.close();
      return { kind: 'REFUSED', reason: 'was replaced while it was opened' };
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return { kind: 'MISSING' };
      if (isErrno(error, 'ELOOP', 'EACCES', 'ENXIO', 'ENAMETOOLONG')) {
        return { kind: 'REFUSED', reason: 'cannot be opened' };
      }
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  #pathOf(name: string): string {
    return `/proc/self/fd/${this.#handle.fd}/${name}`;
  }
}

async function openDirectory(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES', 'ENAMETOOLONG')) return null;
    throw error;
  }
}

function kindOf(entry: Stats): string {
  if (entry.isSymbolicLink()) return 'is a link, which is not followed';
  return entry.isDirectory() ? 'is a directory' : 'is no regular file';
}
