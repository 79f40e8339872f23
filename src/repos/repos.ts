import { DomainError, ErrorCode, quote, ValidationError } from '../base/errors.js';
import type { Queryable } from '../database/queryable.js';
import { defaultTarget } from '../projects/index.js';
import { checkCloneUrl } from './clone-url.js';
import { readDefaultBranch } from './default-branch.js';
import { Git } from './git.js';
import { isShortRef } from './git-names.js';
import { checkSlug } from './repo-name.js';
import { findRepo, insertRepo, type RepoRecord } from './repos.queries.js';

/** What makes a repo known. */
export interface AddRepoInput {
  readonly org: string;
  readonly name: string;
  /** An absolute path, `file:///…` or `https://…`. */
  readonly cloneUrl: string;
  /** Asked from the remote when it is not given. */
  readonly defaultBranch?: string | null | undefined;
  /** Longest time of a build; default 30 minutes. */
  readonly timeoutMs?: number | null | undefined;
  /** Most builds at once; default 10. */
  readonly buildLimit?: number | null | undefined;
}

/**
 * Adds a repo with its root project. Adding what is there already (same name, same clone URL, no other default branch)
 * gives it back, so that a call may be repeated; anything else of that name is a CONFLICT that says what exists. Throws
 * ValidationError for input that cannot be taken, and GitError when the default branch cannot be asked.
 */
export async function addRepo(db: Queryable, input: AddRepoInput, git = new Git()): Promise<RepoRecord> {
  checkInput(input);
  const existing = await findRepo(db, input);
  if (existing !== undefined) return assertSame(existing, input);
  const defaultBranch = input.defaultBranch ?? (await readDefaultBranch(git, input.cloneUrl));
  const added = await insertRepo(db, {
    ...input,
    defaultBranch,
    targets: [await defaultTarget(db)],
    timeoutMs: input.timeoutMs ?? null,
    buildLimit: input.buildLimit ?? null,
  });
  if (added !== undefined) return added;
  const winner = await findRepo(db, input);
  if (winner === undefined) throw new Error('a repo that stood in the way is gone');
  return assertSame(winner, input);
}

const INTEGER_MAX = 2_147_483_647;

function checkInput(input: AddRepoInput): void {
  checkSlug('org', input.org);
  checkSlug('name', input.name);
  checkCloneUrl(input.cloneUrl);
  const branch = input.defaultBranch ?? null;
  if (branch !== null && !isShortRef(branch))
    throw ValidationError.of('defaultBranch', branch, 'a branch name');
  checkCount('timeoutMs', input.timeoutMs);
  checkCount('buildLimit', input.buildLimit);
}

function checkCount(field: string, value: number | null | undefined): void {
  if (value === null || value === undefined) return;
  if (Number.isInteger(value) && value > 0 && value <= INTEGER_MAX) return;
  throw ValidationError.of(field, value, `a whole number from 1 to ${INTEGER_MAX}`);
}

function assertSame(existing: RepoRecord, input: AddRepoInput): RepoRecord {
  const branch = input.defaultBranch ?? existing.defaultBranch;
  if (existing.cloneUrl === input.cloneUrl && existing.defaultBranch === branch) return existing;
  const { org, name, cloneUrl, defaultBranch } = existing;
  throw new DomainError(
    ErrorCode.CONFLICT,
    `repo ${quote(`${org}/${name}`)} exists with clone URL ${quote(cloneUrl)} and default branch ${quote(defaultBranch)}`,
    { repo: { org, name, cloneUrl, defaultBranch } },
  );
}
