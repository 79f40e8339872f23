import { CliError } from '../cli/cli-error.js';
import type { Terminal } from '../cli/terminal.js';
import { untilAborted } from '../cli/until-aborted.js';
import { readableLine } from './log-line.js';
import { describeEnd, Program, type ProgramEnd, type ProgramOptions } from './program.js';

/** A program has this long to end in order. */
const STOP_GRACE_MS = 10_000;

/** Keeps what was started, and stops it in the reverse order. Nothing that ends by itself is started again silently. */
export class Supervisor {
  readonly #terminal: Terminal;
  readonly #stop: AbortSignal;
  readonly #hurry: AbortSignal;
  readonly #broken = new AbortController();
  readonly #steps: (() => Promise<void>)[] = [];
  #isStopping = false;

  constructor(options: { terminal: Terminal; stop: AbortSignal; hurry: AbortSignal }) {
    this.#terminal = options.terminal;
    this.#stop = options.stop;
    this.#hurry = options.hurry;
  }

  /** Aborted when a program ended although nobody asked it to; the reason says which. */
  get broken(): AbortSignal {
    return this.#broken.signal;
  }

  /** Registers what is to be done at the end, before everything that was registered earlier. */
  onStop(step: () => Promise<void>): void {
    this.#steps.push(step);
  }

  /** Starts a `slipway` command; its lines are shown with its name in front. */
  start(options: Omit<ProgramOptions, 'onLine'>): Program {
    const { name } = options;
    const program = new Program({
      ...options,
      onLine: (line) => this.#terminal.say(readableLine(name, line)),
    });
    void program.ended.then((end) => this.#noticeEnd(name, end));
    this.onStop(() => program.stop(STOP_GRACE_MS, this.#hurry));
    return program;
  }

  /** Resolves when the stop is asked for; throws a CliError when a program ended by itself. */
  async untilStoppedOrBroken(): Promise<void> {
    await untilAborted(AbortSignal.any([this.#stop, this.broken]));
    if (!this.#stop.aborted) throw this.broken.reason;
  }

  /** Undoes everything, newest first, also when a part of it fails; then throws the first failure. */
  async stopAll(): Promise<void> {
    this.#isStopping = true;
    const failures: unknown[] = [];
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      await step().catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw failures[0];
  }

  #noticeEnd(name: string, end: ProgramEnd): void {
    if (this.#isStopping || this.#stop.aborted) return;
    const message = `the ${name} ${describeEnd(end)} although nobody stopped it; everything is stopped`;
    this.#broken.abort(
      new CliError('FAILED', message, { next: 'its last lines above say why; then `npm start` again' }),
    );
  }
}
