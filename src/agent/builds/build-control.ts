import { setMaxListeners } from 'node:events';
import type { Clock } from '../../base/clock.js';
import type { ProcessControl } from '../executor/process-control.js';

/** Why a build is ended before its time. */
export const StopCause = {
  CANCELED: 'CANCELED',
  TIMEOUT: 'TIMEOUT',
  /** The agent ends, or its user has asked it to. */
  AGENT_STOPPED: 'AGENT_STOPPED',
  /** The agent fenced itself: the server may take the build for lost. */
  LEASE_ENDING: 'LEASE_ENDING',
  /** The server said that the build is not this worker's any more: nothing of it is reported. */
  ABANDONED: 'ABANDONED',
} as const;
export type StopCause = (typeof StopCause)[keyof typeof StopCause];

/** An order to end a build. */
export interface BuildStop {
  readonly cause: StopCause;
  /** For people. */
  readonly reason: string;
  /** From asking its processes to end to killing them. */
  readonly graceMs: number;
}

const MAX_LISTENERS = 100;

/** The one switch that ends a build. Asking twice is harmless; the shortest grace wins. */
export class BuildControl implements ProcessControl {
  readonly #clock: Clock;
  readonly #stop = new AbortController();
  readonly #kill = new AbortController();
  readonly #over = new AbortController();
  #order: BuildStop | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
    // Every step that runs listens, and stages run side by side.
    setMaxListeners(MAX_LISTENERS, this.stop, this.kill);
  }

  get stop(): AbortSignal {
    return this.#stop.signal;
  }

  get kill(): AbortSignal {
    return this.#kill.signal;
  }

  /** The first order, unless the build was abandoned later: then nothing else matters. */
  get order(): BuildStop | null {
    return this.#order;
  }

  /** Asks the build's processes to end, and kills what is left after the grace. */
  end(order: BuildStop): void {
    if (!this.#order || order.cause === StopCause.ABANDONED) this.#order = order;
    this.#stop.abort();
    void this.#killAfter(order.graceMs);
  }

  /** Nothing runs any more: pending kills are off. */
  close(): void {
    this.#over.abort();
  }

  async #killAfter(graceMs: number): Promise<void> {
    try {
      if (graceMs > 0) await this.#clock.sleep(graceMs, this.#over.signal);
    } catch (error) {
      if (this.#over.signal.aborted) return;
      throw error;
    }
    this.#kill.abort();
  }
}
