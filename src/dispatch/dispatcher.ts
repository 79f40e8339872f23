import type { Clock } from '../base/clock.js';
import { DomainError } from '../base/errors.js';
import { groupBy } from '../base/group-by.js';
import type { Logger } from '../base/logger.js';
import { runPeriodically, type PeriodicRun } from '../base/periodic.js';
import type { Hints } from '../database/hints.js';
import type { HotConnection, Transaction } from '../database/hot-connection.js';
import type { NewJob, SyncMatch } from './admission.js';
import { claimJobs, type ClaimedBuild, type ClaimRequest, type FreshClaim } from './claim.queries.js';
import type { ClaimKeeper } from './claim-keeper.js';
import { clearDrainedLanes } from './lanes.queries.js';
import type { PackageMaker, PackageMaking, SealedPackage } from './packages.js';
import type { Settler } from './settler.js';
import { findAttention, findOfferedBuilds } from './resume.queries.js';
import type { ClassCapacity, SessionDirectory } from './session-directory.js';
import type { WorkerSession } from './worker-session.js';
import { CloseCode } from '../protocol/close-codes.js';

/** Sessions that a claim may use beyond those that it needs. */
const SPARE_SESSIONS = 4;

export interface DispatcherOptions {
  readonly connection: HotConnection;
  readonly directory: SessionDirectory;
  readonly packages: PackageMaker;
  readonly keeper: ClaimKeeper;
  readonly settler: Settler;
  readonly hints: Hints;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Floor of the claim loop: work is found within it also when every hint is lost. */
  readonly intervalMs: number;
  /** Waiting time that counts as much as one priority. */
  readonly agingMs: number;
  /** Most jobs of one claim. */
  readonly maxClaim: number;
}

/**
 * Brings waiting jobs and the free slots of this replica's sessions together. Woken by hints, and by a sweep that
 * finds the same work without them; a replica claims for its own sockets only, and routes nothing to another.
 */
export class Dispatcher implements SyncMatch {
  #claiming: PeriodicRun | undefined;
  #attending: PeriodicRun | undefined;
  readonly #unsubscribe: (() => void)[] = [];
  readonly #pending = new Set<Promise<void>>();

  constructor(private readonly options: DispatcherOptions) {}

  start(): void {
    const { hints } = this.options;
    this.#claiming = runPeriodically({ ...this.options, name: 'claim loop', work: () => this.claimOnce() });
    this.#attending = runPeriodically({
      ...this.options,
      name: 'session loop',
      work: () => this.attendOnce(),
    });
    this.#unsubscribe.push(
      hints.subscribe('job.claimable', ({ target }) => {
        if (this.options.directory.capacities(target).length > 0) this.#claiming?.wake();
      }),
      hints.subscribe('session.attention', ({ session }) => {
        if (this.options.directory.find(session) !== undefined) this.#attending?.wake();
      }),
    );
  }

  async stop(): Promise<void> {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    await Promise.all([this.#claiming?.stop(), this.#attending?.stop()]);
    await Promise.all(this.#pending);
  }

  /** One claim for each class with free slots; the loop comes back at once while claims are full. */
  async claimOnce(): Promise<void> {
    for (const capacity of this.options.directory.capacities()) await this.#claimFor(capacity);
  }

  /** Tells sessions what the rows want of them, and ends offers that nobody answered. */
  async attendOnce(): Promise<void> {
    await this.#attend();
    await Promise.all(this.options.directory.all().map((session) => session.endOverdueOffers()));
  }

  /** Wakes the loop; safe to call at any time. */
  wake(): void {
    this.#claiming?.wake();
  }

  /** The claim, with the jobs that the caller's transaction has just created in sight. */
  async claimWithin(transaction: Transaction, jobs: readonly NewJob[]): Promise<FreshClaim[]> {
    const claimed: FreshClaim[] = [];
    for (const [target, created] of groupBy(jobs, (job) => job.target)) {
      const [capacity] = this.options.directory.capacities(target);
      if (capacity === undefined) continue;
      const newLaneIds = [...new Set(created.map(({ laneId }) => laneId))];
      const request = this.#requestFor(capacity, newLaneIds, created.length);
      claimed.push(...(await claimJobs(transaction, request)).claimed);
    }
    return claimed;
  }

  /** Pushes what a committed claim has bound. Sealing is asynchronous; an offer that fails here is found by the sweep. */
  dispatch(claimed: readonly FreshClaim[]): void {
    for (const [sessionId, builds] of groupBy(claimed, (build) => build.session_id)) {
      const session = this.options.directory.find(sessionId);
      if (session === undefined) continue;
      this.#track(this.#sealAndOffer(session, builds));
    }
    this.#track(this.#keep(claimed));
  }

  /** Pushes offers that a session has resumed; their packages are sealed anew for it. */
  async offerAgain(session: WorkerSession, buildIds: readonly string[]): Promise<void> {
    if (buildIds.length === 0) return;
    const builds = await this.options.connection.transaction((tx) => findOfferedBuilds(tx, buildIds));
    await this.#sealAndOffer(session, builds);
  }

  async #claimFor(capacity: ClassCapacity): Promise<void> {
    const request = this.#requestFor(capacity, [], capacity.freeSlots);
    const { claimed, cutShort } = await this.options.connection.transaction((tx) => claimJobs(tx, request));
    this.dispatch(claimed);
    if (claimed.length === request.wanted) return this.wake();
    const cleared = await this.options.connection.transaction((tx) =>
      clearDrainedLanes(tx, request.workerClass.targets),
    );
    // Not when nothing has changed: what could not be had now would not be had the next time.
    if (cutShort && claimed.length + cleared > 0) this.wake();
  }

  /** Shares of lanes and status of workers follow the claim, off the path on which a worker waits for its package. */
  async #keep(claimed: readonly FreshClaim[]): Promise<void> {
    try {
      await Promise.all(claimed.map((build) => this.options.keeper.keep(build)));
    } catch (error) {
      this.options.logger.error({ err: error }, 'shares and status after a claim were not written');
    }
    for (const build of claimed) this.#announce(build);
  }

  #track(work: Promise<void>): void {
    const tracked = work.finally(() => this.#pending.delete(tracked));
    this.#pending.add(tracked);
  }

  #requestFor(capacity: ClassCapacity, newLaneIds: readonly string[], atMost: number): ClaimRequest {
    const wanted = Math.min(capacity.freeSlots, this.options.maxClaim, atMost);
    return {
      workerClass: capacity.workerClass,
      sessionIds: sessionsFor(capacity.sessions, wanted).map(({ id }) => id),
      wanted,
      newLaneIds,
      agingMs: this.options.agingMs,
    };
  }

  async #sealAndOffer(session: WorkerSession, builds: readonly ClaimedBuild[]): Promise<void> {
    const { identity } = session;
    const address = { ...identity, worker: identity.workerId };
    session.reserve(builds.length);
    try {
      const made = await Promise.all(
        builds.map((build) => this.#make(build, () => this.options.packages.make(build, address))),
      );
      session.offer(made.flatMap((sealed) => sealed ?? []));
    } finally {
      session.reserve(-builds.length);
    }
  }

  /** Undefined for a build that is not to be pushed now: it has ended, or the sweep pushes it later. */
  async #make(build: ClaimedBuild, make: () => Promise<PackageMaking>): Promise<SealedPackage | undefined> {
    try {
      const making = await make();
      if (making.kind === 'MADE') return making.sealed;
      await this.#endUnsealable(build, making);
    } catch (error) {
      const { logger } = this.options;
      const isAway = error instanceof DomainError && error.code === 'STORE_UNAVAILABLE';
      const line = { err: error, build: build.build_id };
      if (isAway) logger.warn(line, 'a package waits for the database');
      else logger.error(line, 'a package could not be made');
    }
    return undefined;
  }

  async #endUnsealable(
    { build_id: buildId, session_id }: ClaimedBuild,
    { failureKind, reason }: Extract<PackageMaking, { kind: 'UNSEALABLE' }>,
  ): Promise<void> {
    await this.options.settler.settle({
      buildId,
      ending: 'UNSEALABLE',
      status: 'WITHDRAWN',
      failureKind,
      error: reason,
      onlyIf: (facts) => facts.lease_session_id === session_id && !facts.accepted,
    });
  }

  /** What the rows want of this replica's sessions: cancels to tell, sockets of closed sessions to close. */
  async #attend(): Promise<void> {
    const sessionIds = this.options.directory.ids();
    if (sessionIds.length === 0) return;
    const wanted = await this.options.connection.transaction((tx) => findAttention(tx, sessionIds));
    for (const { session_id, closed, cancel_build_id, reason } of wanted) {
      const session = this.options.directory.find(session_id);
      if (closed)
        session?.close(closeCodeFor(reason), `the session was closed: ${reason ?? 'no reason given'}`);
      else if (cancel_build_id !== null) session?.cancel(cancel_build_id, 'canceled');
    }
    for (const [sessionId, rows] of groupBy(wanted, (row) => row.session_id)) {
      const session = this.options.directory.find(sessionId);
      const offered = rows.flatMap(({ offer_build_id }) => offer_build_id ?? []);
      const unpushed = offered.filter((buildId) => session?.hasOffered(buildId) === false);
      if (session !== undefined) await this.offerAgain(session, unpushed);
    }
  }

  #announce(build: ClaimedBuild): void {
    const { hints } = this.options;
    hints.publish('job.updated', { job: build.job_id, group: build.group_id, repo: build.repo_id });
    hints.publish('worker.updated', { worker: build.worker_id });
  }
}

/**
 * The sessions with the most free slots, as many as `wanted` needs: a claim for one job must not look at every slot of
 * a large fleet. A few more are drawn by lot, since the freest may be just closing, or free only because their worker is
 * in maintenance or backoff, which the rows know and this replica does not.
 */
function sessionsFor(sessions: readonly WorkerSession[], wanted: number): WorkerSession[] {
  const sorted = sessions.toSorted((a, b) => b.freeSlots - a.freeSlots);
  let slots = 0;
  const enough = sorted.findIndex((session) => (slots += session.freeSlots) >= wanted);
  if (enough < 0) return sorted;
  const others = sorted.slice(enough + 1);
  const spare = Array.from({ length: Math.min(SPARE_SESSIONS, others.length) }, () => {
    const [drawn] = others.splice(Math.floor(Math.random() * others.length), 1);
    return drawn;
  });
  return [...sorted.slice(0, enough + 1), ...spare.filter((session) => session !== undefined)];
}

function closeCodeFor(reason: string | null): CloseCode {
  return reason === 'revoked' ? CloseCode.REVOKED : CloseCode.SUPERSEDED;
}
