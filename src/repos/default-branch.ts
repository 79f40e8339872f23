import { quote } from '../base/errors.js';
import type { Git } from './git.js';
import { GitError, GitFailure } from './git-error.js';
import { isShortRef } from './git-names.js';

/** A person waits for the answer. */
const TIMEOUT_MS = 20_000;

/** The branch that the HEAD of a checked URL points to. Throws {@link GitError} where nobody answers or none does. */
export async function readDefaultBranch(git: Git, url: string): Promise<string> {
  const output = await git.remoteHead(url, { timeoutMs: TIMEOUT_MS }).catch((error: unknown) => {
    throw error instanceof GitError ? nameUrl(error, url) : error;
  });
  const branch = /^ref: refs\/heads\/(\S+)\tHEAD$/m.exec(output)?.[1];
  if (branch !== undefined && isShortRef(branch)) return branch;
  throw new GitError(
    GitFailure.UNKNOWN_REF,
    `cloneUrl: the HEAD of ${quote(url)} points to no branch (is the repository empty?); expected one, or defaultBranch`,
  );
}

function nameUrl(error: GitError, url: string): GitError {
  return new GitError(
    error.what,
    `cloneUrl: ${quote(url)} cannot be reached, expected a git repository (${error.message})`,
  );
}
