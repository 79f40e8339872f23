import { readFile, stat } from 'node:fs/promises';
import { DomainError, ErrorCode } from '../../base/errors.js';
import { isErrno } from './errno.js';
import { type Account, runProgram } from './run-program.js';

/** In order of preference: PostgreSQL's own account (Linux, then macOS), else the one every system has. */
const CANDIDATES = ['postgres', '_postgres', 'nobody'];

/** True when this process is root, which PostgreSQL refuses to run as. */
export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/**
 * The account for a new cluster. It must stand in /etc/passwd, since initdb looks its name up; accounts are never
 * created here. Throws a `DomainError` when none of the candidates exists.
 */
export async function chooseAccount(passwdFile = '/etc/passwd'): Promise<Account> {
  const passwd = await readFile(passwdFile, 'utf8');
  for (const name of CANDIDATES) {
    const account = findAccount(passwd, name);
    if (account !== undefined) return account;
  }
  throw new DomainError(
    ErrorCode.STORE_UNAVAILABLE,
    `PostgreSQL does not run as root and ${passwdFile} has none of the accounts ${CANDIDATES.join(', ')}; ` +
      'start Slipway as an ordinary user, or give DATABASE_URL',
  );
}

/** The account that owns a path, or undefined when there is no such path. */
export async function ownerOf(path: string): Promise<Account | undefined> {
  try {
    const { uid, gid } = await stat(path);
    return { uid, gid };
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Asked of the system, since modes are not the whole truth (access lists, mounts). */
export async function canEnter(dir: string, account: Account): Promise<boolean> {
  return (await runProgram('/bin/sh', ['-c', 'cd "$0"', dir], account)).ok;
}

function findAccount(passwd: string, wanted: string): Account | undefined {
  for (const line of passwd.split('\n')) {
    const [name, , uid, gid] = line.split(':');
    if (name === wanted && Number(uid) > 0) return { uid: Number(uid), gid: Number(gid) };
  }
  return undefined;
}
