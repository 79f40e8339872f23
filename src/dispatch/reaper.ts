import type { Clock } from '../base/clock.js';
import type { Logger } from '../base/logger.js';
import type { Hints } from '../database/hints.js';
import type { HotConnection, Transaction } from '../database/hot-connection.js';
import type { BuildEnding } from '../jobs/jobs.state.js';
import { sealLogs } from '../logs/index.js';
import type { BuildStatus } from '../builds/builds.state.js';
import { closeSession, deleteExpiredNonces, lockOpenSession, noteCheckIn } from '../workers/index.js';
import type { MasterKeys } from '../tokens/index.js';
import type { Canceler } from './canceler.js';
import type { BuildFacts } from './facts.queries.js';
import {
  findAbandonedLeases,
  findExpiredSession,
  findExpiredSessions,
  findLatePreparations,
  findOverdueBuilds,
  findOverdueCancels,
  findOverdueJobs,
  ORPHANED,
  type EndedLease,
} from './reap.queries.js';
import { moveDeadlinesByGap, renewReplica } from './replicas.queries.js';
import type { BuildDeadlines } from './packages.js';
import type { Settler } from './settler.js';
import { StepDeadlines } from './step-deadlines.js';
import { forgetShares } from './shares.queries.js';
import type { Superseder } from './superseder.js';
import { refreshWorkerStatus } from './worker-status.queries.js';
import { runPeriodically, type PeriodicRun } from '../base/periodic.js';

/** What an agent may take beyond the time to prepare: it counts from the clone, and a report may be late. */
const PREPARATION_SLACK_MS = 60_000;

export interface ReaperOptions {
  readonly connection: HotConnection;
  readonly settler: Settler;
  readonly canceler: Canceler;
  readonly superseder: Superseder;
  readonly hints: Hints;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly replicaId: string;
  readonly masterKeys: Pick<MasterKeys, 'keyIds'>;
  readonly orphanMs: number;
  readonly deadlines: BuildDeadlines;
  readonly intervalMs: number;
}

/**
 * Ends what time has ended: sessions by silence, leases with them, builds, cancels and waits by their deadlines.
 * Everything is found by its row, whoever saw it before; every replica may reap, the settling decides under locks.
 */
export class LeaseReaper {
  readonly #steps: StepDeadlines;
  #run: PeriodicRun | undefined;
  #forgetAtMs = 0;

  constructor(private readonly options: ReaperOptions) {
    this.#steps = new StepDeadlines({ clock: options.clock, graceMs: options.deadlines.cancelGraceMs });
  }

  /** Says that this replica lives, then reaps every `intervalMs`. */
  async start(): Promise<void> {
    await this.#renew();
    this.#run = runPeriodically({ ...this.options, name: 'reaper', work: () => this.runOnce() });
  }

  async stop(): Promise<void> {
    await this.#run?.stop();
  }

  /** One bounded round. */
  async runOnce(): Promise<void> {
    await this.#renew();
    await this.#endSilentSessions();
    await this.#endAll(findAbandonedLeases, (lease) =>
      lease.accepted
        ? {
            ending: 'LOST',
            status: 'LOST',
            failureKind: 'LOST',
            error: lease.orphaned ? 'the server of the worker fell silent' : 'the worker fell silent',
            uncharged: lease.orphaned,
          }
        : { ending: 'WITHDRAWN', status: 'WITHDRAWN', failureKind: null, error: null },
    );
    await this.#endAll(findOverdueCancels, (lease) => ({
      ending: 'CANCELED',
      status: 'CANCELED',
      failureKind: 'CANCELED',
      error: lease.accepted ? 'the worker did not end the build within the cancel deadline' : null,
    }));
    await this.#endAll(findOverdueBuilds, () => ({
      ending: 'TIMED_OUT',
      status: 'KILLED',
      failureKind: 'TIMEOUT',
      error: 'the build ran past its deadline',
    }));
    await this.#endAll(
      (transaction) => this.#findLatePreparations(transaction),
      () => ({
        ending: 'TIMED_OUT',
        status: 'KILLED',
        failureKind: 'TIMEOUT',
        error: 'the build took too long to prepare: none of its steps has begun',
      }),
    );
    await this.#endAll(
      (transaction) => this.#steps.findOverdue(transaction),
      ({ name, allowed_ms }) => ({
        ending: 'TIMED_OUT',
        status: 'KILLED',
        failureKind: 'STEP_TIMEOUT',
        error: `step ${name} ran for more than ${Math.round(allowed_ms / 1000)} s: its agent did not keep its limit`,
      }),
    );
    await this.#failOverdueJobs();
    await this.options.superseder.supersede();
    await this.#tidy();
  }

  /** Before anything is reaped: whoever returns first moves deadlines over the time in which nobody served. */
  async #renew(): Promise<void> {
    const gapMs = await this.options.connection.transaction((transaction) => moveDeadlinesByGap(transaction));
    if (gapMs > 0) {
      this.options.logger.info({ gapMs }, 'moved deadlines over a time without any server');
      this.#steps.wait();
    }
    await this.options.connection.transaction((transaction) =>
      renewReplica(transaction, this.options.replicaId, this.options.masterKeys.keyIds),
    );
  }

  /** The agent keeps this deadline itself: it gets time to end what it does, and to say so. */
  #findLatePreparations(transaction: Transaction): Promise<EndedLease[]> {
    const { prepareMs, cancelGraceMs } = this.options.deadlines;
    return findLatePreparations(transaction, { prepareMs, slackMs: cancelGraceMs + PREPARATION_SLACK_MS });
  }

  async #endSilentSessions(): Promise<void> {
    const { connection, orphanMs } = this.options;
    const expired = await connection.transaction((transaction) => findExpiredSessions(transaction, orphanMs));
    for (const { id } of expired)
      await connection.transaction((transaction) => this.#endSession(transaction, id));
  }

  async #endSession(transaction: Transaction, sessionId: string): Promise<void> {
    await lockOpenSession(transaction, sessionId);
    // Once more under the lock: a heartbeat may have come after the session was found.
    const expired = await findExpiredSession(transaction, sessionId, this.options.orphanMs);
    if (expired === undefined) return;
    const closed = await closeSession(transaction, sessionId, expired.orphaned ? ORPHANED : 'silent');
    if (closed === undefined) return;
    await noteCheckIn(
      transaction,
      closed.worker_id,
      expired.orphaned ? 'the server of the worker fell silent' : 'the worker fell silent',
    );
    await refreshWorkerStatus(transaction, [closed.worker_id]);
    this.options.hints.publish('worker.updated', { worker: closed.worker_id });
    this.options.hints.publish('session.attention', { session: sessionId });
  }

  async #endAll<Lease extends EndedLease>(
    find: (transaction: Transaction) => Promise<Lease[]>,
    endingOf: (lease: Lease) => LeaseEnding,
  ) {
    const leases = await this.options.connection.transaction(find);
    await Promise.all(
      leases.map((lease) =>
        this.options.settler.settle({
          buildId: lease.build_id,
          ...endingOf(lease),
          onlyIf: (facts: BuildFacts) => facts.lease_session_id === lease.session_id,
        }),
      ),
    );
    for (const lease of leases)
      this.options.hints.publish('session.attention', { session: lease.session_id });
  }

  async #failOverdueJobs(): Promise<void> {
    const overdue = await this.options.connection.transaction(findOverdueJobs);
    await Promise.all(overdue.map((jobId) => this.options.canceler.expire(jobId)));
  }

  #isTimeToForget(): boolean {
    const nowMs = this.options.clock.now();
    if (nowMs < this.#forgetAtMs) return false;
    this.#forgetAtMs = nowMs + FORGET_EVERY_MS;
    return true;
  }

  async #tidy(): Promise<void> {
    const sealed = await this.options.connection.transaction(async (transaction) => {
      await deleteExpiredNonces(transaction);
      if (this.#isTimeToForget()) await forgetShares(transaction);
      return sealLogs(transaction);
    });
    for (const build of sealed) this.options.hints.publish('log.appended', { build });
  }
}

/** Shares are no more than a few for each worker class and repo; to look through them now and then is enough. */
const FORGET_EVERY_MS = 600_000;

interface LeaseEnding {
  readonly ending: BuildEnding;
  readonly status: BuildStatus;
  readonly failureKind: string | null;
  readonly error: string | null;
  readonly uncharged?: boolean;
}
