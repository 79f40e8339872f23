import type { ValueOf } from '../base/state-machine.js';

/** Why a pending job waits. */
export const WaitingReason = {
  /** It, or each worker that could take it, is left alone for a while after a failure. */
  BACKOFF: 'BACKOFF',
  /** No worker of its target is there. */
  NO_WORKER_FOR_TARGET: 'NO_WORKER_FOR_TARGET',
  /** None of them has the labels that it needs, or may serve its repo. */
  NO_MATCHING_LABELS: 'NO_MATCHING_LABELS',
  /** All of those have as many builds as they may. */
  ALL_WORKERS_BUSY: 'ALL_WORKERS_BUSY',
  /** Its repo has as many builds as it may. */
  REPO_LIMIT: 'REPO_LIMIT',
  /** Its concurrency group has as many builds as it may. */
  CONCURRENCY_GROUP: 'CONCURRENCY_GROUP',
  /** What it depends on is not built yet: it has no job until then. */
  WAITING_FOR_DEPENDENCIES: 'WAITING_FOR_DEPENDENCIES',
  /** Nothing of the above: its turn is about to come. */
  WAITING: 'WAITING',
} as const;
export type WaitingReason = ValueOf<typeof WaitingReason>;
