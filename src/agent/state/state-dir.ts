import { lstat, mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { DomainError, ErrorCode } from '../../base/errors.js';

/** Permission bits of group and others. */
const OTHERS = 0o077;

/**
 * Makes the agent's state directory (0700) or checks the one that is there; returns its absolute path. Throws a
 * DomainError when it is no directory, another user's, or open to others: it holds the worker's identity.
 */
export async function openStateDir(path: string): Promise<string> {
  const absolute = resolve(path);
  await mkdir(absolute, { recursive: true, mode: 0o700 });
  await checkPrivate(absolute, 'directory');
  return absolute;
}

/** Throws a DomainError unless `path` is of that kind, ours, and closed to everybody else. Links are not followed. */
export async function checkPrivate(path: string, kind: 'file' | 'directory'): Promise<void> {
  const found = await lstat(path);
  const isOfKind = kind === 'file' ? found.isFile() : found.isDirectory();
  if (!isOfKind) throw unusable(path, `is no ${kind}`, `a ${kind} of the agent's own`);
  if (found.uid !== process.getuid?.()) {
    throw unusable(path, `belongs to user ${found.uid}`, `it to belong to user ${process.getuid?.()}`);
  }
  if ((found.mode & OTHERS) !== 0) {
    const expected = kind === 'file' ? '600' : '700';
    throw unusable(
      path,
      `has mode ${(found.mode & 0o777).toString(8)}`,
      `mode ${expected}, for nobody else may read a worker's identity (chmod ${expected} it)`,
    );
  }
}

/** State of the agent that cannot be used: what is wrong with which file, and what was expected. */
export function unusable(path: string, problem: string, expected: string): DomainError {
  return new DomainError(ErrorCode.CONFLICT, `${path} ${problem}; expected ${expected}`, { path });
}
