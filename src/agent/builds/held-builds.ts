import type { CompiledPipeline } from '../../pipeline/index.js';
import { type HeldBuild, HeldPhase } from '../../protocol/messages.js';
import type { Offer } from '../session/open-frame.js';
import { type BuildStop, StopCause } from './build-control.js';
import type { BuildRun } from './build-run.js';

/** A build that the server believes this agent to have. */
export interface Held {
  phase: HeldPhase;
  /** The newest package: a build that is offered again has a new nonce. */
  offer: Offer;
  readonly pipeline: CompiledPipeline;
  /** Set once it was accepted. */
  run: BuildRun | null;
}

/** The builds that this agent holds. */
export class HeldBuilds {
  readonly #builds = new Map<string, Held>();

  get size(): number {
    return this.#builds.size;
  }

  get ids(): readonly string[] {
    return [...this.#builds.keys()];
  }

  /** For a connect: each build and how far it is. */
  phases(): readonly HeldBuild[] {
    return [...this.#builds].map(([build, { phase }]) => ({ build, phase }));
  }

  get(build: string): Held | undefined {
    return this.#builds.get(build);
  }

  /** Keeps an offer; one that comes again for a build not accepted yet replaces the older package. */
  offered(offer: Offer, pipeline: CompiledPipeline): Held {
    const held = { phase: HeldPhase.OFFERED, offer, pipeline, run: null };
    this.#builds.set(offer.head.build, held);
    return held;
  }

  drop(build: string): void {
    this.#builds.delete(build);
  }

  /** Ends one build; one that was not accepted yet is simply forgotten. */
  end(build: string, order: BuildStop): void {
    const held = this.#builds.get(build);
    if (!held) return;
    if (!held.run) return this.drop(build);
    held.run.control.end(order);
    if (order.cause === StopCause.ABANDONED) held.run.forget();
  }

  /** Ends all builds; returns how many of them had been accepted. */
  endAll(order: BuildStop): number {
    const accepted = [...this.#builds.values()].filter(({ run }) => run !== null).length;
    for (const build of this.ids) this.end(build, order);
    return accepted;
  }
}
