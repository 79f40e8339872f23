import { mkdir, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DomainError, ErrorCode } from '../../base/errors.js';
import { canEnter, chooseAccount, isRoot, ownerOf } from './account.js';
import { findElsewhere, makeElsewhere } from './elsewhere.js';
import type { Account } from './run-program.js';

/** Where a cluster, its password and maybe a copy of the binaries live, and who runs it. */
export interface Home {
  readonly dir: string;
  /** Undefined: this process's own account. */
  readonly account: Account | undefined;
}

/** Makes the data directory as absolute path without links: enterable, though not readable, by PostgreSQL's account. */
export async function makeDataDir(path: string): Promise<string> {
  await mkdir(path, { recursive: true, mode: isRoot() ? 0o711 : 0o700 });
  return realpath(path);
}

/**
 * Chooses where the data of `dataDir` (absolute, without links) live: in it, except that as root the account that runs
 * PostgreSQL must be able to enter it. Where it cannot (a checkout in a 0700 directory), the home is elsewhere and
 * linked from `dataDir`. Data that exist stay where they are, with the account that owns them.
 */
export async function findHome(dataDir: string): Promise<Home> {
  if (!isRoot()) return { dir: dataDir, account: undefined };
  const dir = (await findElsewhere(dataDir)) ?? dataDir;
  const owner = await ownerOf(join(dir, 'cluster'));
  const account = owner ?? (await chooseAccount());
  if (await canEnter(dir, account)) return { dir, account };
  const made = owner === undefined ? await makeElsewhere(dataDir, account) : undefined;
  if (made !== undefined) return { dir: made, account };
  throw closedTo(account, dir);
}

/** Removes a data directory together with its home elsewhere. Nothing may run in it. */
export async function removeDataDir(path: string): Promise<void> {
  const elsewhere = isRoot() ? await findElsewhere(await makeDataDir(path)) : undefined;
  if (elsewhere !== undefined) await rm(elsewhere, { recursive: true, force: true });
  await rm(path, { recursive: true, force: true });
}

function closedTo(account: Account, dir: string): DomainError {
  return new DomainError(
    ErrorCode.STORE_UNAVAILABLE,
    `PostgreSQL runs as user id ${account.uid}, which cannot enter ${dir}; ` +
      'make the directories on the way enterable (chmod o+x), or give DATABASE_URL',
  );
}
