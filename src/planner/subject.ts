import type { ClaimedChange } from '../changes/index.js';
import type { Mirror } from '../repos/index.js';

/** What a change is about, in git's terms. */
export interface Subject {
  /** What is built. */
  readonly commit: string;
  /** By which ref the commit can be fetched; null when only the commit is known. */
  readonly ref: string | null;
  /** The branch that rules see. */
  readonly branch: string | null;
  /** Where the pipeline file is read: not from what a commenter points at. */
  readonly pipelineCommit: string;
}

/** Finds the commits of a change. Throws GitError. */
export async function findSubject(
  { change, repo }: ClaimedChange,
  mirror: Mirror,
  signal: AbortSignal,
): Promise<Subject> {
  const defaultRef = `refs/heads/${repo.defaultBranch}`;
  const branch = branchOf({ change, repo });
  if (change.event === 'delete') {
    // What was deleted is gone: the default branch says what to do about it; a rebuild knows what it said then.
    const before = change.rebuiltGroupId === null ? null : change.commit;
    const commit = await mirror.resolve({ ref: defaultRef, commit: before, signal });
    return { commit, ref: defaultRef, branch, pipelineCommit: commit };
  }
  const ref = refOf(change, branch);
  const commit = await mirror.resolve({ ref: ref ?? defaultRef, commit: change.commit, signal });
  const pipelineCommit =
    change.event === 'comment' ? await mirror.resolve({ ref: defaultRef, signal }) : commit;
  return { commit, ref, branch, pipelineCommit };
}

/** Whoever names neither ref nor branch means the default branch. */
function branchOf({ change, repo }: Pick<ClaimedChange, 'change' | 'repo'>): string | null {
  return change.branch ?? (change.ref === null ? repo.defaultBranch : null);
}

/** The branch of a pull request is the one that it goes into, where its commit is not. */
function refOf(change: ClaimedChange['change'], branch: string | null): string | null {
  if (change.ref !== null) return change.ref;
  if (branch === null || (change.event === 'pull_request' && change.commit !== null)) return null;
  return `refs/heads/${branch}`;
}
