import { createHash } from 'node:crypto';
import {
  chmod,
  lstat,
  mkdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { canEnter } from './account.js';
import { isErrno } from './errno.js';
import type { Account } from './run-program.js';

/** Name of the link in the data directory that leads to its home elsewhere. */
const LINK = 'elsewhere';
/** Name of the file in that home that names the data directory. */
const BELONGS_TO = 'belongs-to';

/**
 * The home elsewhere that a data directory is linked to. A checkout that was moved takes its home along; a copy of a
 * checkout has none, since the data belong to the original.
 */
export async function findElsewhere(dataDir: string): Promise<string | undefined> {
  const target = await linkTarget(join(dataDir, LINK));
  if (target === undefined || !(await exists(target))) return undefined;
  if (basename(target) === nameFor(dataDir)) return target;
  const original = await readFile(join(target, BELONGS_TO), 'utf8');
  if (await exists(original)) return undefined;
  const moved = join(dirname(target), nameFor(dataDir));
  await rename(target, moved);
  await linkTo(moved, dataDir);
  return moved;
}

/**
 * Makes a home for a data directory that the account cannot enter: under /var/lib, or where that is not possible in a
 * temporary directory. Undefined where none of them will do.
 */
export async function makeElsewhere(dataDir: string, account: Account): Promise<string | undefined> {
  for (const base of ['/var/lib/slipway', '/var/tmp/slipway', join(tmpdir(), 'slipway')]) {
    const dir = join(base, nameFor(dataDir));
    await putAside(dir);
    if ((await makeOwnDir(base)) && (await makeOwnDir(dir)) && (await canEnter(dir, account))) {
      await linkTo(dir, dataDir);
      return dir;
    }
  }
  return undefined;
}

/**
 * A home that no link leads to any more belonged to a data directory that somebody deleted to start afresh. The last
 * one is kept, since data are not ours to destroy.
 */
async function putAside(dir: string): Promise<void> {
  if (!(await exists(dir))) return;
  await rm(`${dir}.abandoned`, { recursive: true, force: true });
  await rename(dir, `${dir}.abandoned`);
}

/**
 * A directory of root that others may pass through and nobody else writes in. False where it cannot be made or where
 * somebody else was first: in a directory such as /var/tmp anyone may take a name.
 */
async function makeOwnDir(path: string): Promise<boolean> {
  try {
    await mkdir(path);
    await chmod(path, 0o711);
    return true;
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'EACCES', 'EPERM', 'EROFS')) return false;
    if (!isErrno(error, 'EEXIST')) throw error;
  }
  const found = await lstat(path);
  return found.isDirectory() && found.uid === 0 && (found.mode & 0o022) === 0;
}

async function linkTo(target: string, dataDir: string): Promise<void> {
  await writeFile(join(target, BELONGS_TO), dataDir, { mode: 0o600 });
  await rm(join(dataDir, LINK), { force: true });
  await symlink(target, join(dataDir, LINK));
}

async function linkTarget(path: string): Promise<string | undefined> {
  try {
    return await readlink(path);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return false;
    throw error;
  }
}

/** Derived from the path, so that several checkouts live side by side. */
function nameFor(dataDir: string): string {
  return `postgres-${createHash('sha256').update(dataDir).digest('hex').slice(0, 16)}`;
}
