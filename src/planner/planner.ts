import type { BackoffPolicy } from '../base/backoff.js';
import type { Clock } from '../base/clock.js';
import type { Logger } from '../base/logger.js';
import { type PeriodicRun, runPeriodically } from '../base/periodic.js';
import {
  type ChangeFailure,
  type ClaimedChange,
  claimChanges,
  failSilentChanges,
  renewClaims,
} from '../changes/index.js';
import type { Hints } from '../database/hints.js';
import type { Queryable } from '../database/queryable.js';
import type { Mirrors } from '../repos/index.js';
import { Attempt } from './attempt.js';
import { type AdmitGroups, ChangeRecorder, internalFailure } from './change-recorder.js';
import { ChangeResolver } from './change-resolver.js';
import { PipelineCompiler } from './pipeline-compiler.js';
import type { Resolution } from './resolution.js';

export interface PlannerOptions {
  readonly db: Queryable;
  readonly hints: Hints;
  readonly admitGroups: AdmitGroups;
  readonly mirrors: Mirrors;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Of the sweep that finds what no hint told; default 1 s. */
  readonly intervalMs?: number;
  /** After so long without a renewal another replica takes a change over; default 30 s. */
  readonly leaseMs?: number;
  /** Most time of one resolution; default 10 min. */
  readonly planningMs?: number;
  /** Resolutions at once; default 8. */
  readonly concurrency?: number;
  /** Between tries of what may succeed later. */
  readonly backoff?: BackoffPolicy;
  readonly compiler?: PipelineCompiler;
}

const RETRIES: BackoffPolicy = { initialS: 5, factor: 2, maxS: 600 };

const silent: ChangeFailure = {
  code: 'PLAN_TIMEOUT',
  message: 'planning went silent again and again until the deadline of the change',
  problems: [],
};

/**
 * Turns changes into groups: takes what waits (or what another planner left behind), resolves it outside of any
 * transaction, and has the groups admitted. Any number of planners may run on one database.
 */
export class Planner {
  readonly #options: Required<PlannerOptions>;
  readonly #resolver: ChangeResolver;
  readonly #recorder: ChangeRecorder;
  readonly #attempts = new Set<Attempt>();
  #runs: readonly PeriodicRun[] = [];
  #unsubscribe: () => void = () => undefined;

  constructor(options: PlannerOptions) {
    this.#options = {
      ...options,
      intervalMs: options.intervalMs ?? 1000,
      leaseMs: options.leaseMs ?? 30_000,
      planningMs: options.planningMs ?? 600_000,
      concurrency: options.concurrency ?? 8,
      backoff: options.backoff ?? RETRIES,
      compiler: options.compiler ?? new PipelineCompiler(),
    };
    this.#resolver = new ChangeResolver(this.#options);
    this.#recorder = new ChangeRecorder(this.#options);
  }

  start(): void {
    const { clock, logger, intervalMs, leaseMs, hints } = this.#options;
    const sweep = runPeriodically({
      name: 'planner',
      intervalMs,
      work: async () => void (await this.#takeUp()),
      clock,
      logger,
    });
    const renewal = runPeriodically({
      name: 'planner leases',
      intervalMs: leaseMs / 3,
      work: () => this.#renew(),
      clock,
      logger,
    });
    this.#unsubscribe = hints.subscribe('change.received', () => sweep.wake());
    this.#runs = [sweep, renewal];
  }

  /** Takes what is due now, as much as may run at once, and resolves it to its end. Gives the number of changes. */
  async runOnce(): Promise<number> {
    const attempts = await this.#takeUp();
    await Promise.all(attempts.map(({ done }) => done));
    return attempts.length;
  }

  /** Stops; what was being resolved goes back, for another replica to take at once. */
  async stop(): Promise<void> {
    this.#unsubscribe();
    await Promise.all(this.#runs.map((run) => run.stop()));
    const attempts = [...this.#attempts];
    for (const attempt of attempts) attempt.end('STOPPING');
    await Promise.all(attempts.map(({ done }) => done));
    await this.#options.compiler.stop();
  }

  async #takeUp(): Promise<readonly Attempt[]> {
    const { db, concurrency, leaseMs } = this.#options;
    for (const { id, repoId } of await failSilentChanges(db, { limit: 100, failure: silent })) {
      this.#announce(id, repoId);
    }
    const limit = concurrency - this.#attempts.size;
    if (limit <= 0) return [];
    return (await claimChanges(db, { limit, leaseMs })).map((claimed) => this.#begin(claimed));
  }

  #begin(claimed: ClaimedChange): Attempt {
    const attempt = new Attempt(claimed, this.#options.planningMs);
    this.#attempts.add(attempt);
    attempt.done = this.#run(attempt)
      .catch((error: unknown) => {
        // The lease runs out, and somebody takes the change over.
        this.#options.logger.error({ err: error, change: claimed.change.id }, 'a change was left behind');
      })
      .finally(() => this.#forget(attempt));
    return attempt;
  }

  #forget(attempt: Attempt): void {
    attempt.dispose();
    this.#attempts.delete(attempt);
    // There is room again; whoever waits for it should not wait for the sweep.
    this.#runs[0]?.wake();
  }

  async #run(attempt: Attempt): Promise<void> {
    const resolution = await this.#resolve(attempt);
    const concerned = { claim: attempt.claim, ended: attempt.endedFor };
    if (await this.#recorder.record(concerned, resolution)) {
      this.#announce(attempt.claim.id, attempt.claimed.repo.id);
    }
  }

  async #resolve(attempt: Attempt): Promise<Resolution> {
    try {
      return await this.#resolver.resolve(attempt.claimed, attempt.signal);
    } catch (error) {
      const failure = internalFailure();
      if (attempt.endedFor === undefined) {
        this.#options.logger.error(
          { err: error, change: attempt.claim.id },
          'a change could not be resolved',
        );
      }
      return { kind: 'RETRY', failure };
    }
  }

  async #renew(): Promise<void> {
    const attempts = [...this.#attempts];
    if (attempts.length === 0) return;
    const claims = attempts.map(({ claim }) => claim);
    const held = await renewClaims(this.#options.db, claims, this.#options.leaseMs);
    const isHeld = ({ claim }: Attempt): boolean =>
      held.some(({ id, attempt }) => id === claim.id && attempt === claim.attempt);
    for (const attempt of attempts) if (!isHeld(attempt)) attempt.end('LOST');
  }

  #announce(change: string, repo: string): void {
    this.#options.hints.publish('change.updated', { change, repo });
  }
}
