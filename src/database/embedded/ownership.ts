import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DomainError, ErrorCode } from '../../base/errors.js';
import { isErrno } from './errno.js';
import { startOf } from './process-identity.js';

/** The process that a data directory belongs to at the moment. */
interface Owner {
  readonly pid: number;
  readonly start: string;
}

/**
 * Takes a data directory for this process, so that a second start in one checkout does not stop the database of the
 * first. A claim of a process that is gone (kill -9) is taken over. Throws CONFLICT while its owner lives.
 * Returns the function that gives the directory up.
 */
export async function takeOwnership(dataDir: string): Promise<() => Promise<void>> {
  const file = join(dataDir, 'owner.json');
  const own = `${file}.${process.pid}`;
  await writeFile(own, JSON.stringify({ pid: process.pid, start: await startOf(process.pid) }), {
    mode: 0o600,
  });
  try {
    while (!(await claim(own, file))) await clearStale(file);
  } finally {
    await rm(own, { force: true });
  }
  return () => rm(file, { force: true });
}

/** A link appears whole and only where there is none: it decides between two processes. */
async function claim(own: string, file: string): Promise<boolean> {
  try {
    await link(own, file);
    return true;
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return false;
    throw error;
  }
}

/** Moved aside before it is judged again, so that of two processes that take over only one removes it. */
async function clearStale(file: string): Promise<void> {
  await refuseLiving(file, file);
  const aside = `${file}.stale-${process.pid}`;
  try {
    await rename(file, aside);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return;
    throw error;
  }
  try {
    await refuseLiving(aside, file);
  } catch (error) {
    await rename(aside, file);
    throw error;
  }
  await rm(aside, { force: true });
}

async function refuseLiving(path: string, file: string): Promise<void> {
  const owner = await readOwner(path);
  if (owner === undefined || (await startOf(owner.pid)) !== owner.start) return;
  const message = `the data of ${file} are in use by process ${owner.pid}; stop it first`;
  throw new DomainError(ErrorCode.CONFLICT, message, { pid: owner.pid });
}

async function readOwner(path: string): Promise<Owner | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Owner;
  } catch (error) {
    // A power cut can leave an empty file; its writer is gone.
    if (error instanceof SyntaxError || isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}
