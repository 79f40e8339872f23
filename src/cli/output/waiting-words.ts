import type { Job } from '../operations.js';

/** The API's reasons why a job waits, for people. */
const WORDS: Readonly<Record<string, string>> = {
  BACKOFF: 'it, or each worker that could take it, is left alone for a while after a failure',
  NO_WORKER_FOR_TARGET: 'no worker of its target is connected',
  NO_MATCHING_LABELS: 'no connected worker has the labels that it needs, or may serve its repo',
  ALL_WORKERS_BUSY: 'every worker that could take it is busy',
  REPO_LIMIT: 'its repo has as many builds at once as it may',
  WAITING: 'its turn is about to come',
};

/** Why a job waits, in words; a reason that is not known yet stands for itself. */
export function waitingWords(reason: NonNullable<Job['reason']>): string {
  return WORDS[reason] ?? reason;
}
