import { lstat, readlink } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import { isErrno } from '../state/errno.js';

/** As many links on the way as Linux itself follows. */
const MAX_LINKS = 40;
const OUT = 'leads out of the checkout';

/** A directory of the checkout as a path without links, or why there is none of that name. */
export type Directory =
  { readonly kind: 'FOUND'; readonly path: string } | { readonly kind: 'REFUSED'; readonly reason: string };

/**
 * Finds the directory in which a step starts. The checkout's files were made by whoever could push: nothing outside of
 * it is looked at, and a link that leads out is not followed, not even one that would lead back in.
 */
export async function findDirectory(checkout: string, wanted = '.'): Promise<Directory> {
  if (isAbsolute(wanted)) return refused(wanted, 'is absolute, expected one relative to the checkout');
  if ((await lookAt(checkout)).kind !== 'DIRECTORY') return refused(wanted, 'has no checkout any more');
  let left = partsOf(wanted);
  let path = checkout;
  let links = 0;
  for (let [part, ...rest] = left; part !== undefined; [part, ...rest] = left) {
    const next = join(path, part);
    if (!isWithin(checkout, next)) return refused(wanted, OUT);
    const entry = await lookAt(next);
    if (entry.kind === 'MISSING') return refused(wanted, 'does not exist');
    if (entry.kind === 'OTHER') return refused(wanted, 'is no directory that can be entered');
    if (entry.kind === 'LINK') {
      if (isAbsolute(entry.to)) return refused(wanted, OUT);
      if ((links += 1) > MAX_LINKS) return refused(wanted, 'goes through too many links');
      left = [...partsOf(entry.to), ...rest];
    } else {
      [path, left] = [next, rest];
    }
  }
  return { kind: 'FOUND', path };
}

type Entry =
  { readonly kind: 'DIRECTORY' | 'OTHER' | 'MISSING' } | { readonly kind: 'LINK'; readonly to: string };

async function lookAt(path: string): Promise<Entry> {
  try {
    const entry = await lstat(path);
    if (entry.isSymbolicLink()) return { kind: 'LINK', to: await readlink(path) };
    return { kind: entry.isDirectory() ? 'DIRECTORY' : 'OTHER' };
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR', 'EINVAL')) return { kind: 'MISSING' };
    if (isErrno(error, 'EACCES', 'ENAMETOOLONG')) return { kind: 'OTHER' };
    throw error;
  }
}

function partsOf(path: string): string[] {
  return path.split(sep).filter((part) => part !== '' && part !== '.');
}

function isWithin(checkout: string, path: string): boolean {
  return relative(checkout, path).split(sep)[0] !== '..';
}

function refused(wanted: string, why: string): Directory {
  return { kind: 'REFUSED', reason: `working directory ${JSON.stringify(wanted)} ${why}` };
}
