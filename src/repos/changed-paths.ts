import { toStorable } from '../base/text.js';
import type { Git } from './git.js';
import { GitError, GitFailure } from './git-error.js';

/** Ten thousands of paths; a change that touches more fails with TOO_LARGE rather than matching half of its paths. */
const MAX_BYTES = 16 * 1024 * 1024;

interface Request {
  readonly git: Git;
  readonly dir: string;
  readonly commit: string;
  readonly base?: string | undefined;
  /** Compare with where the two histories parted, and not with what `base` has become since. */
  readonly sinceFork?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Paths that differ, renames as both names; see {@link Mirror.changedPaths}. Throws GitError. */
export async function listChangedPaths(request: Request): Promise<readonly string[]> {
  const { git, dir, commit, signal } = request;
  const base = await baseOf(request);
  const flags = ['-r', '-z', '--name-only', '--no-renames', '--no-ext-diff', '--no-commit-id', '--root'];
  const trees = base === undefined ? [commit] : [base, commit];
  const args = ['diff-tree', ...flags, ...trees, '--'];
  const output = await git.local(dir, args, { signal, maxBytes: MAX_BYTES });
  return output.toString('utf8').split('\0').filter(Boolean).map(toStorable);
}

/** The first parent of a commit stands for what it changed; undefined for the first commit of all. */
async function baseOf(request: Request): Promise<string | undefined> {
  if (request.base === undefined)
    return lookUp(request, ['rev-parse', '--verify', '--quiet', `${request.commit}^1`]);
  if (request.sinceFork !== true) return request.base;
  return (await lookUp(request, ['merge-base', request.base, request.commit])) ?? request.base;
}

/** git's answer of one line; undefined when it has none. */
async function lookUp(request: Request, args: readonly string[]): Promise<string | undefined> {
  try {
    const output = await request.git.local(request.dir, args, { signal: request.signal });
    return output.toString('utf8').trim();
  } catch (error) {
    if (error instanceof GitError && error.what === GitFailure.FAILED) return undefined;
    throw error;
  }
}
