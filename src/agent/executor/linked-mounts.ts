import { symlink } from 'node:fs/promises';
import { isAbsolute, normalize, sep } from 'node:path';
import { ValidationError } from '../../base/errors.js';
import type { Mount } from '../agent-options.js';
import { freePlaceIn } from './mount-place.js';

const RELATIVE =
  'a path inside the checkout, e.g. node_modules: the process driver has no file system of its own';

/** Throws a ValidationError unless the process driver can make these mounts: links inside the checkout. */
export function checkLinks(mounts: readonly Mount[]): void {
  for (const { source, destination } of mounts) {
    if (!isAbsolute(source)) throw ValidationError.of('mount source', source, 'an absolute path');
    const path = normalize(destination);
    const isInside = !isAbsolute(path) && path !== '.' && path.split(sep)[0] !== '..';
    if (!isInside) throw ValidationError.of('mount destination', destination, RELATIVE);
  }
}

/** What a build's log should say about its mounts. */
export function describeLinks(mounts: readonly Mount[]): string[] {
  return mounts.map(({ source, destination, mode }) => {
    const caveat = mode === 'ro' ? '; the process driver cannot keep it from being written' : '';
    return `mount ${destination} -> ${source} (${mode}${caveat})`;
  });
}

/**
 * Links the mounts into a checkout. Throws a ValidationError when the checkout has something in the place already, or
 * a link on the way to it: its files were made by whoever could push.
 */
export async function linkMounts(mounts: readonly Mount[], checkout: string): Promise<void> {
  for (const { source, destination } of mounts) {
    await symlink(source, await freePlaceIn(checkout, normalize(destination)));
  }
}
