import { ExitCode } from './exit-codes.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
type StopSignal = (typeof SIGNALS)[number];

/** Exit code of a process that a signal ended, as shells count: 128 and the signal's number. */
const EXIT_CODES = { SIGINT: ExitCode.INTERRUPTED, SIGTERM: 143, SIGHUP: 129 } as const;

/** A terminal sends Ctrl-C to npm and to us, and npm then sends it to us once more: both mean one. */
const ECHO_MS = 400;

/** What this process does when it is told to stop; see `Cli.untilStopped` and `Cli.untilHurried`. */
export class StopSignals {
  /** Those that a command wants to hear of; each signal that comes uses up one. */
  readonly #claimed: AbortController[] = [];
  #received = 0;
  #lastAtMs = Number.NEGATIVE_INFINITY;
  readonly #listener = (signal: StopSignal): void => {
    if (this.#isEcho()) return;
    const controller = this.#claimed[this.#received];
    this.#received += 1;
    if (controller === undefined) process.exit(EXIT_CODES[signal]);
    controller.abort(new Error(`stopped by ${signal}`));
  };

  constructor() {
    for (const signal of SIGNALS) process.on(signal, this.#listener);
  }

  /** The next signal that nobody has claimed yet aborts the result instead of ending the process. */
  claim(): AbortSignal {
    const controller = new AbortController();
    this.#claimed.push(controller);
    return controller.signal;
  }

  #isEcho(): boolean {
    const sinceMs = performance.now() - this.#lastAtMs;
    this.#lastAtMs = performance.now();
    return sinceMs < ECHO_MS;
  }

  /** The process ends by itself soon; a signal then does what it does to any process. */
  release(): void {
    for (const signal of SIGNALS) process.off(signal, this.#listener);
  }
}
