import type { ChangeClaim, ClaimedChange } from '../changes/index.js';

/** Why we ended an attempt before it ended itself. */
export type AttemptEnd = 'STOPPING' | 'TIMEOUT' | 'LOST';

/** One resolution that is under way. */
export class Attempt {
  readonly claim: ChangeClaim;
  /** Settles, always with success, when the change was written or left. */
  done: Promise<void> = Promise.resolve();
  #endedFor: AttemptEnd | undefined;
  readonly #abort = new AbortController();
  readonly #timer: NodeJS.Timeout;

  constructor(
    readonly claimed: ClaimedChange,
    planningMs: number,
  ) {
    this.claim = { id: claimed.change.id, attempt: claimed.attempt };
    this.#timer = setTimeout(() => this.end('TIMEOUT'), planningMs);
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get endedFor(): AttemptEnd | undefined {
    return this.#endedFor;
  }

  /** Interrupts the resolution; the first reason counts. */
  end(reason: AttemptEnd): void {
    if (this.#endedFor !== undefined) return;
    this.#endedFor = reason;
    this.#abort.abort(new Error(`the attempt was ended: ${reason}`));
  }

  dispose(): void {
    clearTimeout(this.#timer);
  }
}
