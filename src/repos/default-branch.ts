import { quote } from '../base/errors.js';
import type { Git, Remote } from './git.js';
import { GitError, GitFailure } from './git-error.js';
import { isShortRef } from './git-names.js';

/** A person waits for the answer. */
const TIMEOUT_MS = 20_000;

/** The branch that the HEAD of a checked URL points to. Throws {@link GitError} where nobody answers or none does. */
export async function readDefaultBranch(git: Git, remote: Remote): Promise<string> {
  const output = await askRemote(git, remote);
  const branch = /^ref: refs\/heads\/(\S+)\tHEAD$/m.exec(output)?.[1];
  if (branch !== undefined && isShortRef(branch)) return branch;
  throw new GitError(
    GitFailure.UNKNOWN_REF,
    `cloneUrl: the HEAD of ${quote(remote.url)} points to no branch (is the repository empty?); expected one, or defaultBranch`,
  );
}

/** What a remote says of its HEAD; shows that URL and credential are good. Throws {@link GitError} for the person. */
export async function askRemote(git: Git, remote: Remote): Promise<string> {
  return git.remoteHead(remote, { timeoutMs: TIMEOUT_MS }).catch((error: unknown) => {
    throw error instanceof GitError ? nameUrl(error, remote.url) : error;
  });
}

function nameUrl(error: GitError, url: string): GitError {
  const words = error.isTransient
    ? `${quote(url)} cannot be reached, expected a git repository (${error.message})`
    : `${quote(url)} cannot be cloned: ${error.message}`;
  return new GitError(error.what, `cloneUrl: ${words}`);
}
