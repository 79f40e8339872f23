import type { Clock } from '../../base/clock.js';
import type { ProcessControl } from '../executor/process-control.js';

/** An order to end one run of a step, and not its build. */
export interface StepStop {
  readonly kind: 'TIMED_OUT' | 'HALTED';
  /** For people. */
  readonly reason: string;
  /** From asking its processes to end to killing them. */
  readonly graceMs: number;
}

/** Node fires longer timers at once. Builds end long before. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The switch of one run of a step: it ends with its build, or by an order of its own. The first order counts. */
export class StepControl implements ProcessControl {
  readonly #clock: Clock;
  readonly #stop = new AbortController();
  readonly #kill = new AbortController();
  readonly #over = new AbortController();
  #order: StepStop | null = null;

  constructor(build: ProcessControl, clock: Clock) {
    this.#clock = clock;
    this.#follow(build.stop, this.#stop);
    this.#follow(build.kill, this.#kill);
  }

  get stop(): AbortSignal {
    return this.#stop.signal;
  }

  get kill(): AbortSignal {
    return this.#kill.signal;
  }

  /** Why this run alone was to end; null when it was not. */
  get order(): StepStop | null {
    return this.#order;
  }

  end(order: StepStop): void {
    if (this.#order) return;
    this.#order = order;
    this.#stop.abort();
    this.#after(order.graceMs, () => this.#kill.abort());
  }

  /** Ends the run once it has taken longer than its limit. */
  endAfter(limitMs: number, graceMs: number): void {
    if (limitMs > MAX_TIMER_MS) return;
    const reason = `it took longer than its limit of ${limitMs / 1000} s`;
    this.#after(limitMs, () => this.end({ kind: 'TIMED_OUT', reason, graceMs }));
  }

  /** The run is over: pending orders are off. */
  close(): void {
    this.#over.abort();
  }

  #after(ms: number, act: () => void): void {
    this.#clock.sleep(ms, this.#over.signal).then(act, (error: unknown) => {
      if (!this.#over.signal.aborted) throw error;
    });
  }

  #follow(source: AbortSignal, target: AbortController): void {
    if (source.aborted) target.abort();
    source.addEventListener('abort', () => target.abort(), { signal: this.#over.signal });
  }
}
