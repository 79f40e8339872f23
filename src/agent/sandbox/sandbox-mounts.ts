import { mkdir, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, normalize, relative, sep } from 'node:path';
import { ValidationError } from '../../base/errors.js';
import type { Mount } from '../agent-options.js';
import { freePlaceIn } from '../executor/mount-place.js';
import type { Bind } from './bwrap-arguments.js';
import { INSIDE } from './inside.js';

/** Places that are the sandbox's own, with all that is below. */
const TAKEN = ['/proc', '/dev', '/sys', '/run', INSIDE.agent];
/** Places that may have mounts below them, but none over them. */
const NEEDED = ['/usr', '/etc', INSIDE.temporary, INSIDE.home, INSIDE.source];

/** A mount of the worker, checked. */
export interface SandboxMount extends Bind {
  /** Below the checkout, where a place is made for it; undefined for one elsewhere. */
  readonly place?: string;
}

/**
 * The worker's mounts as the sandbox makes them: their sources without links, their destinations absolute. Throws a
 * ValidationError for a source that does not exist or shows one of the `hidden` directories, and for a destination
 * that is the sandbox's own.
 */
export async function readMounts(
  mounts: readonly Mount[],
  hidden: readonly string[],
): Promise<SandboxMount[]> {
  return Promise.all(mounts.map((mount) => readMount(mount, hidden)));
}

async function readMount(
  { source, destination, mode }: Mount,
  hidden: readonly string[],
): Promise<SandboxMount> {
  const isWritable = mode === 'cache';
  return { source: await readSource(source, hidden), isWritable, ...readDestination(destination) };
}

async function readSource(given: string, hidden: readonly string[]): Promise<string> {
  if (!isAbsolute(given)) throw ValidationError.of('mount source', given, 'an absolute path');
  const source = await realpath(given).catch(() => undefined);
  if (source === undefined)
    throw ValidationError.of('mount source', given, 'a directory or file that exists');
  const shown = hidden.find((path) => isWithin(path, source) || isWithin(source, path));
  if (shown === undefined) return source;
  throw ValidationError.of(
    'mount source',
    given,
    `one that does not show what is the agent's own (${shown})`,
  );
}

function readDestination(given: string): { readonly destination: string; readonly place?: string } {
  const destination = normalize(isAbsolute(given) ? given : join(INSIDE.source, given));
  const isInCheckout = isWithin(INSIDE.source, destination);
  if (!isAbsolute(given) && !isInCheckout) {
    throw ValidationError.of('mount destination', given, 'a path inside the checkout, or an absolute one');
  }
  const hides = [...NEEDED, ...TAKEN].some((path) => isWithin(destination, path));
  if (hides || TAKEN.some((path) => isWithin(path, destination))) {
    throw ValidationError.of('mount destination', given, "a place that is not the sandbox's own");
  }
  return isInCheckout ? { destination, place: relative(INSIDE.source, destination) } : { destination };
}

/** True when `path` is `directory` or below it. */
function isWithin(directory: string, path: string): boolean {
  const between = relative(directory, path);
  return between === '' || (between.split(sep)[0] !== '..' && !isAbsolute(between));
}

/**
 * Makes the places of mounts in a checkout, before anything of the build ran: plain directories and files. Throws a
 * ValidationError when the checkout has something there, or a link on the way.
 */
export async function makePlaces(mounts: readonly SandboxMount[], checkout: string): Promise<void> {
  for (const { source, place } of mounts) {
    if (place === undefined) continue;
    const path = await freePlaceIn(checkout, place);
    if ((await stat(source)).isDirectory()) await mkdir(path);
  }
}
