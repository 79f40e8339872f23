import type { Clock } from '../../base/clock.js';
import { elapsedSince, type Moment } from './moment.js';

/** Before the lease ends, steps are asked to end this early… */
const STOP_BEFORE_MS = 15_000;
/** …and are dead this early. */
const KILL_BEFORE_MS = 5_000;
/** A machine that slept wakes up with its timers in the past: looked at this often, whatever they say. */
const MAX_WAIT_MS = 1_000;

/** How long the agent may go on without a word of the server. Short leases have shorter margins. */
export function fenceMargins(leaseMs: number): {
  readonly stopBeforeMs: number;
  readonly killBeforeMs: number;
} {
  return {
    stopBeforeMs: Math.min(STOP_BEFORE_MS, leaseMs / 4),
    killBeforeMs: Math.min(KILL_BEFORE_MS, leaseMs / 12),
  };
}

/** Ends all builds; they are dead after `graceMs`. */
export type StopBuilds = (graceMs: number) => void;

/**
 * Ends the builds before the server can take them for lost and give them to another worker. It counts from the time
 * at which the last answered heartbeat was sent, since from then on the server may not have heard anything.
 */
export class SelfFence {
  readonly #clock: Clock;
  readonly #stopBuilds: StopBuilds;
  #lease: { readonly since: Moment; readonly leaseMs: number } | null = null;

  constructor(clock: Clock, stopBuilds: StopBuilds) {
    this.#clock = clock;
    this.#stopBuilds = stopBuilds;
  }

  /** The server has answered what was sent at `since`. An older answer that comes late changes nothing. */
  renew(since: Moment, leaseMs: number): void {
    if (this.#lease && since.monotonicMs < this.#lease.since.monotonicMs) return;
    this.#lease = { since, leaseMs };
  }

  /** What is left of the lease by the agent's own reckoning; null before the first session. */
  get remainingMs(): number | null {
    return this.#lease && this.#lease.leaseMs - elapsedSince(this.#lease.since, this.#clock);
  }

  /** What is left until every step must be dead; null before the first session. */
  get killInMs(): number | null {
    const { remainingMs } = this;
    if (!this.#lease || remainingMs === null) return null;
    return remainingMs - fenceMargins(this.#lease.leaseMs).killBeforeMs;
  }

  /** Looks once; returns after how long to look again. */
  runOnce(): number {
    const { remainingMs } = this;
    if (!this.#lease || remainingMs === null) return MAX_WAIT_MS;
    const { stopBeforeMs, killBeforeMs } = fenceMargins(this.#lease.leaseMs);
    if (remainingMs > stopBeforeMs) return Math.min(MAX_WAIT_MS, remainingMs - stopBeforeMs);
    this.#stopBuilds(Math.max(0, remainingMs - killBeforeMs));
    return MAX_WAIT_MS;
  }

  /** Looks until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const waitMs = this.runOnce();
      await this.#clock.sleep(waitMs, signal).catch(() => undefined); // Aborted: the loop's condition says so.
    }
  }
}
