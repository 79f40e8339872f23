import { randomBytes } from 'node:crypto';
import { access, chmod, chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DomainError, ErrorCode } from '../../base/errors.js';
import { isErrno } from './errno.js';
import { type Account, runProgram } from './run-program.js';
import type { Durability } from './settings.js';

/** The superuser that initdb makes; its password is the only credential of the cluster. */
export const SUPERUSER = 'slipway';

/** A cluster on disk that can be started. */
export interface Cluster {
  readonly dir: string;
  readonly password: string;
}

/** What {@link ensureCluster} works with. */
export interface ClusterOptions {
  readonly home: string;
  readonly nativeDir: string;
  readonly account: Account | undefined;
  readonly durability: Durability;
}

/**
 * The cluster in `home/cluster`, made on the first call with a random password that is kept in `home/password` (0600).
 * It is made aside and renamed, so a killed first start leaves nothing that looks like a cluster.
 */
export async function ensureCluster(options: ClusterOptions): Promise<Cluster> {
  const dir = join(options.home, 'cluster');
  const passwordFile = join(options.home, 'password');
  if (await exists(dir)) {
    await checkVersion(dir, options.nativeDir);
  } else {
    await writePassword(passwordFile, options.account);
    await createCluster(dir, passwordFile, options);
  }
  return { dir, password: await readFile(passwordFile, 'utf8') };
}

async function createCluster(dir: string, passwordFile: string, options: ClusterOptions): Promise<void> {
  const partial = `${dir}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { mode: 0o700 });
  await giveTo(partial, options.account);
  const args = [
    ...['--pgdata', partial, '--username', SUPERUSER, '--pwfile', passwordFile, '--auth', 'scram-sha-256'],
    // The builtin provider sorts by code point alike on every system, whatever locales that has.
    ...['--encoding', 'UTF8', '--locale', 'C', '--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8'],
    ...['--no-instructions', ...(options.durability === 'fast' ? ['--no-sync'] : [])],
  ];
  const result = await runProgram(join(options.nativeDir, 'bin', 'initdb'), args, options.account);
  if (!result.ok) throw unavailable(`initdb could not make a database cluster in ${dir}: ${result.output}`);
  await rename(partial, dir);
}

/** The account that initdb runs as must read the file, hence its owner. */
async function writePassword(file: string, account: Account | undefined): Promise<void> {
  await rm(file, { force: true });
  await writeFile(file, randomBytes(24).toString('base64url'), { mode: 0o600, flag: 'wx' });
  await chmod(file, 0o600);
  await giveTo(file, account);
}

/** A cluster of another major version needs a dump and restore, which the owner of the data must decide on. */
async function checkVersion(dir: string, nativeDir: string): Promise<void> {
  const found = (await readFile(join(dir, 'PG_VERSION'), 'utf8')).trim();
  const { output } = await runProgram(join(nativeDir, 'bin', 'postgres'), ['--version'], undefined);
  const ours = /(\d+)\.\d+/.exec(output)?.[1];
  if (found === ours) return;
  throw unavailable(`the data in ${dir} are of PostgreSQL ${found}, the installed one is ${ours ?? output}`);
}

async function giveTo(path: string, account: Account | undefined): Promise<void> {
  if (account !== undefined) await chown(path, account.uid, account.gid);
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return false;
    throw error;
  }
}

function unavailable(message: string): DomainError {
  return new DomainError(ErrorCode.STORE_UNAVAILABLE, message);
}
