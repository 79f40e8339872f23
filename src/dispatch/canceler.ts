import { quote } from '../base/errors.js';
import { cut } from '../base/text.js';
import { isBuildId as isUuid } from './agent-reports.js';
import { Batcher } from '../database/batcher.js';
import type { Hints } from '../database/hints.js';
import type { HotConnection, Transaction } from '../database/hot-connection.js';
import { jobStates, type JobState } from '../jobs/jobs.state.js';
import {
  endPendingJobs,
  lockJobsAndGroups,
  requestCancels,
  type LockedJob,
  type PendingEnding,
} from './cancel.queries.js';
import type { SupersededJob } from './concurrency-groups.queries.js';
import { foldNodes } from './fold.queries.js';

/** What a request to cancel a job did. */
export type CancelOutcome =
  /** The job was waiting: it is over. */
  | { readonly kind: 'CANCELED' }
  /** A worker has it: it is told, and has until the cancel deadline. */
  | { readonly kind: 'CANCELING' }
  | { readonly kind: 'ALREADY_FINAL'; readonly state: JobState }
  | { readonly kind: 'NOT_FOUND' };

const MAX_REASON_CHARS = 4_000;

/** Ends jobs that nobody works on, and asks for the end of those that somebody does. */
export class Canceler {
  readonly #batcher: Batcher<PendingEnding, CancelOutcome>;

  constructor(private readonly options: { connection: HotConnection; hints: Hints; deadlineMs: number }) {
    this.#batcher = new Batcher({
      name: 'cancel',
      keyOf: ({ jobId }) => jobId,
      run: (endings) => this.#run(endings),
    });
  }

  /** Cancels a job; see {@link CancelOutcome}. A second call is a no-op with the same kind of answer. */
  async cancel(jobId: string, reason: string): Promise<CancelOutcome> {
    if (!isUuid(jobId)) return { kind: 'NOT_FOUND' };
    return this.#batcher.add({
      jobId,
      state: 'CANCEL_COMPLETE',
      failureKind: 'CANCELED',
      error: cut(reason, MAX_REASON_CHARS),
    });
  }

  /** Cancels a job whose place a newer change has taken; one that was claimed meanwhile only if that may be disturbed. */
  supersede({ id, key, only_waiting }: SupersededJob): Promise<CancelOutcome> {
    return this.#batcher.add({
      jobId: id,
      state: 'CANCEL_COMPLETE',
      failureKind: 'SUPERSEDED',
      error: cut(`a newer change took its place in the concurrency group ${quote(key)}`, MAX_REASON_CHARS),
      onlyWaiting: only_waiting,
    });
  }

  /** Fails a job that waited longer than its queue deadline; a job that was claimed meanwhile is left alone. */
  expire(jobId: string): Promise<CancelOutcome> {
    return this.#batcher.add({
      jobId,
      state: 'FAILED',
      failureKind: 'QUEUE_TIMEOUT',
      error: 'no worker took the job before its queue deadline',
    });
  }

  async #run(endings: readonly PendingEnding[]): Promise<CancelOutcome[]> {
    const jobs = await this.options.connection.transaction(async (transaction) => {
      const jobs = await lockJobsAndGroups(
        transaction,
        endings.map(({ jobId }) => jobId),
      );
      await this.#write(transaction, endings, jobs);
      return jobs;
    });
    this.#announce(jobs);
    return endings.map((ending) => outcomeOf(jobs.get(ending.jobId)));
  }

  async #write(
    transaction: Transaction,
    endings: readonly PendingEnding[],
    jobs: ReadonlyMap<string, LockedJob>,
  ) {
    const pending = endings.filter(({ jobId }) => jobs.get(jobId)?.state === 'PENDING');
    const busy = endings.filter(
      (ending) =>
        ending.state === 'CANCEL_COMPLETE' && ending.onlyWaiting !== true && isBusy(jobs.get(ending.jobId)),
    );
    await Promise.all([
      foldNodes(
        transaction,
        pending.flatMap((ending) => nodeEnding(ending, jobs.get(ending.jobId))),
      ),
      endPendingJobs(transaction, pending),
      requestCancels(
        transaction,
        busy.map(({ jobId }) => jobId),
        this.options.deadlineMs,
      ),
    ]);
  }

  #announce(jobs: ReadonlyMap<string, LockedJob>): void {
    for (const job of jobs.values()) {
      if (job.session_id !== null)
        this.options.hints.publish('session.attention', { session: job.session_id });
      this.options.hints.publish('job.updated', { job: job.id, group: job.group_id, repo: job.repo_id });
      this.options.hints.publish('group.updated', { group: job.group_id });
    }
  }
}

function isBusy(job: LockedJob | undefined): boolean {
  return job?.state === 'PROCESSING' || job?.state === 'RUNNING';
}

function nodeEnding(ending: PendingEnding, job: LockedJob | undefined) {
  if (job === undefined) return [];
  const state = ending.state === 'FAILED' ? ('FAILURE' as const) : ('CANCELED' as const);
  return [{ nodeId: job.node_id, state, builtIdent: null }];
}

/** By the state that the job had when it was locked. */
function outcomeOf(job: LockedJob | undefined): CancelOutcome {
  if (job === undefined) return { kind: 'NOT_FOUND' };
  if (job.state === 'PENDING') return { kind: 'CANCELED' };
  return jobStates.isFinal(job.state) ? { kind: 'ALREADY_FINAL', state: job.state } : { kind: 'CANCELING' };
}
