import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { CliError } from '../cli/cli-error.js';
import type { ReadyMessage } from '../cli/parent-link.js';
import { environmentWith } from '../config/index.js';

const BINARY = fileURLToPath(new URL('../../../bin/slipway.js', import.meta.url));

/** How a process ended. */
export interface ProgramEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ProgramOptions {
  readonly name: string;
  /** Arguments of `slipway`. */
  readonly args: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
  /** Takes each line of either stream. */
  readonly onLine: (line: string) => void;
}

/**
 * A `slipway` command that runs as a child of this process. It has a session of its own, so that a terminal's Ctrl-C
 * reaches only the supervisor, which ends its programs in order; and it ends by itself when the supervisor dies.
 */
export class Program {
  readonly name: string;
  readonly ended: Promise<ProgramEnd>;
  /** Resolves with what the program says once it is ready (see {@link ReadyMessage}); rejects when it ends before it was ready. */
  readonly ready: Promise<string>;
  readonly #child: ChildProcess;

  constructor({ name, args, variables, onLine }: ProgramOptions) {
    this.name = name;
    const child = spawn(process.execPath, [BINARY, ...args], {
      detached: true,
      env: environmentWith(variables),
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      if (stream !== null) createInterface(stream).on('line', onLine);
    }
    this.ended = endOf(child);
    this.ready = Promise.race([
      once(child, 'message').then(([message]) => (message as ReadyMessage).value),
      this.ended.then((end) => Promise.reject(diedEarly(name, end))),
    ]);
    // Nobody may wait for it; whoever does gets the rejection all the same.
    this.ready.catch(() => undefined);
  }

  /** Asks it to end, and makes it end when it has not after `graceMs`. Resolves when it is gone. */
  async stop(graceMs: number, hurry: AbortSignal): Promise<void> {
    const kill = (): void => void this.#child.kill('SIGKILL');
    const timer = setTimeout(kill, graceMs);
    hurry.addEventListener('abort', kill, { once: true });
    this.#child.kill(hurry.aborted ? 'SIGKILL' : 'SIGTERM');
    await this.ended;
    clearTimeout(timer);
    hurry.removeEventListener('abort', kill);
  }
}

function diedEarly(name: string, end: ProgramEnd): CliError {
  const message = `the ${name} ${describeEnd(end)} before it was ready`;
  return new CliError('FAILED', message, { next: 'its lines above say why' });
}

async function endOf(child: ChildProcess): Promise<ProgramEnd> {
  const [code, signal] = (await once(child, 'close')) as [ProgramEnd['code'], ProgramEnd['signal']];
  return { code, signal };
}

/** `ended with exit code 1`, `was ended by SIGKILL`. */
export function describeEnd({ code, signal }: ProgramEnd): string {
  return signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`;
}
