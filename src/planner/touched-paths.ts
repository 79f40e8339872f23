import type { Logger } from '../base/logger.js';
import type { ClaimedChange } from '../changes/index.js';
import { GitError, GitFailure, type Mirror } from '../repos/index.js';

/** Files that a change touches: as given, or from its base on, or those of its commit alone. Throws GitError. */
export async function findTouchedPaths(
  { change }: ClaimedChange,
  context: {
    readonly mirror: Mirror;
    readonly commit: string;
    readonly signal: AbortSignal;
    readonly logger: Logger;
  },
): Promise<readonly string[]> {
  if (change.paths.length > 0) return change.paths;
  if (change.event === 'delete') return [];
  const base = change.baseCommit === null ? undefined : await findBase(change.baseCommit, context);
  const sinceFork = change.event === 'pull_request';
  return context.mirror.changedPaths(context.commit, { base, sinceFork, signal: context.signal });
}

/** A base that was pushed away by force may be gone for good: the commit alone must do then. */
async function findBase(
  base: string,
  { mirror, signal, logger }: { mirror: Mirror; signal: AbortSignal; logger: Logger },
): Promise<string | undefined> {
  try {
    return await mirror.resolve({ commit: base, signal });
  } catch (error) {
    if (!(error instanceof GitError) || error.what !== GitFailure.UNKNOWN_COMMIT) throw error;
    logger.info({ base }, 'the base of a change is gone; its own paths are taken');
    return undefined;
  }
}
