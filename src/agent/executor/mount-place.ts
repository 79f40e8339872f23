import { lstat, mkdir } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { ValidationError } from '../../base/errors.js';
import { isErrno } from '../state/errno.js';

/**
 * The path of a mount's place in a checkout, where nothing is yet; the directories on the way are made. Throws a
 * ValidationError when the checkout has something in the place, or a link on the way: its files were made by whoever
 * could push.
 */
export async function freePlaceIn(checkout: string, place: string): Promise<string> {
  await makeParents(place, checkout);
  const path = join(checkout, place);
  if ((await kindOf(path)) === 'missing') return path;
  throw ValidationError.of('mount destination', place, 'a place where the checkout has nothing');
}

async function makeParents(place: string, checkout: string): Promise<void> {
  let path = checkout;
  for (const name of dirname(place).split(sep)) {
    path = join(path, name);
    const kind = await kindOf(path);
    if (kind === 'missing') await mkdir(path);
    else if (kind === 'other') {
      throw ValidationError.of('mount destination', place, 'a place below plain directories of the checkout');
    }
  }
}

async function kindOf(path: string): Promise<'missing' | 'directory' | 'other'> {
  try {
    return (await lstat(path)).isDirectory() ? 'directory' : 'other';
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return 'missing';
    throw error;
  }
}
