import { assertNever } from '../../base/assert-never.js';
import { type CancelBuild, HeldAnswer, type HeldBuildAnswer, HeldPhase } from '../../protocol/messages.js';
import { refuseBuilds } from '../../protocol/operations.js';
import type { Offer } from '../session/open-frame.js';
import type { Session } from '../session/session.js';
import type { AcceptQueue } from './accept-queue.js';
import { type BuildStop, StopCause } from './build-control.js';
import { BuildRun } from './build-run.js';
import type { BuildSite } from './build-site.js';
import { type Held, HeldBuilds } from './held-builds.js';
import { type Capacity, judgeOffer, type OfferVerdict } from './judge-offer.js';

const ABANDON_GRACE_MS = 2_000;

/** What of a worker's capacity the builds themselves do not know. */
export type Limits = Omit<Capacity, 'held' | 'isDraining'>;

/** Everything that becomes of offers on this machine: taken or refused, run, ended, reported. */
export class Builds {
  readonly held = new HeldBuilds();
  readonly #site: BuildSite;
  readonly #running = new Set<Promise<void>>();
  isDraining = false;

  constructor(site: BuildSite) {
    this.#site = site;
  }

  /** Takes an offer or refuses it. An offer of a build that runs already changes nothing. */
  async offer(offer: Offer, limits: Limits, link: { session: Session; accepts: AcceptQueue }): Promise<void> {
    const { build } = offer.head;
    const known = this.held.get(build);
    if (known?.run) return;
    const held = this.held.size - (known ? 1 : 0);
    const verdict = judgeOffer(offer, { ...limits, held, isDraining: this.isDraining });
    if (verdict.kind === 'TAKE') {
      await this.#accept(this.held.offered(offer, verdict.pipeline), link.accepts);
    } else {
      this.held.drop(build);
      await this.#refuse(offer, verdict, link.session);
    }
  }

  /** The server wants a build to end. */
  cancel({ buildId, reason, graceMs }: CancelBuild): void {
    this.held.end(buildId, { cause: StopCause.CANCELED, reason, graceMs });
  }

  /**
   * These builds are not this worker's any more: they end, and nothing is said of them. One whose result is under way
   * is left alone: its lease may be gone because the result was taken, and the answer to it will tell.
   */
  abandon(builds: readonly string[]): void {
    for (const build of builds) {
      if (this.held.get(build)?.phase === HeldPhase.FINISHING) continue;
      this.#site.logger.warn(
        { build },
        'a build was abandoned: the server has no lease of it for this worker',
      );
      const order: BuildStop = { cause: StopCause.ABANDONED, reason: 'abandoned', graceMs: ABANDON_GRACE_MS };
      this.held.end(build, order);
    }
  }

  /** Takes what a new session says of the builds that are held. */
  resume(answers: readonly HeldBuildAnswer[]): void {
    const answered = new Set(answers.map(({ build }) => build));
    for (const answer of answers) this.#resumeOne(answer);
    for (const build of this.held.ids) {
      if (!answered.has(build) && !this.held.get(build)?.run) this.held.drop(build);
    }
  }

  /** Resolves when no build runs or is being reported. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  async #accept(held: Held, accepts: AcceptQueue): Promise<void> {
    held.phase = HeldPhase.ACCEPTING;
    const answer = await accepts.accept(held.offer);
    const { build } = held.offer.head;
    // No answer: the next session says what became of it. Or the server has said so meanwhile.
    if (answer === null || this.held.get(build) !== held || held.run) return;
    if (answer.outcome === 'OK') return this.#start(held, answer.hardDeadlineMs);
    this.#site.logger.info(
      { build, outcome: answer.outcome, reason: answer.message },
      'an offer came to nothing',
    );
    this.held.drop(build);
  }

  async #refuse(
    { head }: Offer,
    { reason, message }: Extract<OfferVerdict, { kind: 'REFUSE' }>,
    session: Session,
  ): Promise<void> {
    const { build: buildId, attempt } = head;
    this.#site.logger.info({ build: buildId, reason, message }, 'refused an offer');
    await session.call(refuseBuilds, { input: [{ buildId, attempt, reason, message }] });
  }

  #resumeOne({ build, answer, hardDeadlineMs }: HeldBuildAnswer): void {
    const held = this.held.get(build);
    switch (answer) {
      case HeldAnswer.START:
      case HeldAnswer.RESEND:
        return; // The package comes again; the result waits in its outbox.
      case HeldAnswer.CONTINUE:
        if (held && !held.run) this.#start(held, hardDeadlineMs ?? null);
        return;
      case HeldAnswer.ABANDON:
        return this.abandon([build]);
      default:
        return assertNever(answer, 'answer on a held build');
    }
  }

  #start(held: Held, hardDeadlineMs: number | null): void {
    const { offer, pipeline } = held;
    const { prepareMs, runMs } = offer.head.deadlines;
    const run = new BuildRun(
      { offer, pipeline, hardDeadlineMs: hardDeadlineMs ?? prepareMs + runMs },
      this.#site,
    );
    held.run = run;
    held.phase = HeldPhase.RUNNING;
    const ended: Promise<void> = this.#see(held, run).finally(() => this.#running.delete(ended));
    this.#running.add(ended);
  }

  /** Sees a build through: run, reported, and its place free again. */
  async #see(held: Held, run: BuildRun): Promise<void> {
    const { build, repo, number } = held.offer.head;
    const logger = this.#site.logger.child({ build });
    logger.info({ repo, number }, 'a build starts');
    try {
      const result = await run.run();
      if (result) {
        held.phase = HeldPhase.FINISHING;
        const answer = await run.report(result);
        logger.info(
          { status: result.status, failureKind: result.failureKind, answer: answer.outcome },
          'a build ended',
        );
      }
    } catch (error) {
      logger.error({ err: error }, 'a build could not be ended in order');
    }
    this.held.drop(build);
    await run.deliverTail();
  }
}
