import type { FrameEvent } from '../protocol/messages.js';
import type { SealedPackage } from './packages.js';

/** An offer that was pushed, or is about to be, and not answered yet. */
export interface Offer {
  readonly sealed: SealedPackage;
  /** Frame that carried it; null while it waits for one. */
  frameSeq: number | null;
  /** By the monotonic clock, from when it was handed to the stream. */
  readonly offeredAtMs: number;
}

/** What this replica knows of one session's leases between two looks at the rows; hints, never the truth. */
export class OfferBook {
  readonly #offers = new Map<string, Offer>();
  readonly #cancels = new Map<string, number | null>();
  #running = new Set<string>();
  #endedSinceLook = new Set<string>();

  /** How many slots the session has in use, as far as is known here. */
  get used(): number {
    return this.#offers.size + this.#running.size;
  }

  offered(sealed: SealedPackage, nowMs: number): void {
    this.#offers.set(sealed.build.build_id, { sealed, frameSeq: null, offeredAtMs: nowMs });
  }

  find(buildId: string): Offer | undefined {
    return this.#offers.get(buildId);
  }

  accepted(buildId: string): void {
    this.#offers.delete(buildId);
    this.#running.add(buildId);
  }

  ended(buildId: string): void {
    this.#endedSinceLook.add(buildId);
    this.#offers.delete(buildId);
    this.#running.delete(buildId);
    this.#cancels.delete(buildId);
  }

  /** Call it before rows are read for {@link synchronise}: what ends in between is not taken for running again. */
  lookAtRows(): void {
    this.#endedSinceLook = new Set();
  }

  /** Replaces what is known of running builds by what the rows say. */
  synchronise(acceptedBuildIds: Iterable<string>): void {
    this.#running = new Set(acceptedBuildIds);
    for (const buildId of this.#endedSinceLook) this.#running.delete(buildId);
    for (const buildId of this.#running) this.#offers.delete(buildId);
  }

  /** True the first time: a cancel is told once per session. */
  canceling(buildId: string): boolean {
    if (this.#cancels.has(buildId)) return false;
    this.#cancels.set(buildId, null);
    return true;
  }

  /** Notes in which frame offers and cancels went out. */
  sent(frameSeq: number, events: readonly FrameEvent[]): void {
    for (const event of events) {
      if (event.__typename === 'CancelBuild') this.#cancels.set(event.buildId, frameSeq);
      if (event.__typename !== 'BuildPackage') continue;
      const offer = this.#offers.get(event.buildId);
      if (offer !== undefined) offer.frameSeq = frameSeq;
    }
  }

  /** Builds whose cancel the agent has handled, each answered once. */
  takeHandledCancels(lastFrameSeq: number): string[] {
    const handled = [...this.#cancels]
      .filter(([, seq]) => seq !== null && seq > 0 && seq <= lastFrameSeq)
      .map(([id]) => id);
    for (const buildId of handled) this.#cancels.set(buildId, 0);
    return handled;
  }

  /** Offers that nobody answered within `ackMs`. */
  overdue(nowMs: number, ackMs: number): Offer[] {
    return [...this.#offers.values()].filter(({ offeredAtMs }) => nowMs - offeredAtMs > ackMs);
  }
}
