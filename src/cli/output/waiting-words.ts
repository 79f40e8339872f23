import type { Waiting } from '../operations.js';
import { fromNow } from './times.js';

/** The API's reasons why a job waits, for people. */
const WORDS: Readonly<Record<string, string>> = {
  BACKOFF: 'it, or each worker that could take it, is left alone for a while after a failure',
  NO_WORKER_FOR_TARGET: 'no worker of its target is connected',
  NO_MATCHING_LABELS: 'no connected worker has the labels that it needs, or may serve its repo',
  ALL_WORKERS_BUSY: 'every worker that could take it is busy',
  REPO_LIMIT: 'its repo has as many builds at once as it may',
  CONCURRENCY_GROUP: 'its concurrency group has as many builds at once as it may',
  WAITING_FOR_DEPENDENCIES: 'what it depends on is not built yet',
  WAITING: 'its turn is about to come',
};

/** Why a job waits, in words; a reason that is not known yet stands for itself. */
export function waitingWords(reason: string): string {
  return WORDS[reason] ?? reason;
}

/** From this number on the API does not count. */
const MOST_AHEAD = 1_000;

/** Why a job waits, when it is tried again, and how many are served before it. */
export function waitingSentence({ reason, ahead, until }: Waiting): string {
  const again = until === null ? '' : `, for ${fromNow(until)}`;
  return `${waitingWords(reason)}${again}${ahead === null ? '' : `; ${aheadWords(ahead)} ahead of it`}`;
}

/** A number of jobs that are served before another one. */
export function aheadWords(ahead: number): string {
  if (ahead >= MOST_AHEAD) return `${MOST_AHEAD} or more`;
  return ahead === 0 ? 'nobody' : String(ahead);
}
