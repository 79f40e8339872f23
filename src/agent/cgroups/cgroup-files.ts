import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrno } from '../state/errno.js';
import type { Setting } from './hierarchy.js';

/** Makes a cgroup; one that is there already is fine. */
export async function makeCgroup(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
}

/** Writes settings in their order. One that is not optional and is refused is thrown. */
export async function applySettings(directory: string, settings: readonly Setting[]): Promise<void> {
  for (const { file, value, isOptional } of settings) {
    try {
      await writeFile(join(directory, file), value);
    } catch (error) {
      if (!(isOptional === true && isErrno(error, 'ENOENT', 'EACCES', 'EINVAL', 'EBUSY', 'EPERM')))
        throw error;
    }
  }
}

/** Process ids in a cgroup, without those of the cgroups below it; none when it is gone. */
export async function processesOf(directory: string): Promise<number[]> {
  const text = await readOr(join(directory, 'cgroup.procs'), '');
  return text.split('\n').filter(Boolean).map(Number);
}

/** The number behind a word in a file of lines `word number`; 0 when there is none. */
export async function countIn(path: string, word: string): Promise<number> {
  const [, count] = new RegExp(`^${word} (\\d+)$`, 'm').exec(await readOr(path, '')) ?? [];
  return Number(count ?? 0);
}

/** What a file says, for a cgroup that may be gone. */
export async function readOr(path: string, otherwise: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENODEV')) return otherwise;
    throw error;
  }
}

/** A cgroup and all below it, the deepest first; none when it is gone. */
export async function subtreeOf(directory: string): Promise<string[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    const below = entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(directory, name));
    return [...(await Promise.all(below.map(subtreeOf))).flat(), directory];
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return [];
    throw error;
  }
}

/** Removes an empty cgroup. False while somebody is still in it. */
export async function removeCgroup(directory: string): Promise<boolean> {
  try {
    await rmdir(directory);
    return true;
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return true;
    if (isErrno(error, 'EBUSY', 'ENOTEMPTY')) return false;
    throw error;
  }
}
