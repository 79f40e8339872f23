import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { deferred } from '../../base/deferred.js';
import type { Logger } from '../../base/logger.js';
import { type Account, programEnvironment, runAs } from './run-program.js';
import { type Durability, serverArguments } from './settings.js';
import { watchOver } from './watchdog.js';

/** What a server process is started with. */
export interface PostmasterOptions {
  readonly nativeDir: string;
  readonly clusterDir: string;
  readonly port: number;
  readonly account: Account | undefined;
  readonly durability: Durability;
  readonly logger: Logger;
}

/** A start either gives a server that accepts connections, or what the server said before it ended. */
export type StartOutcome =
  | { readonly started: true; readonly postmaster: Postmaster }
  | { readonly started: false; readonly output: string };

/** Recovery of a large write-ahead log may take long; only a server that hangs takes longer than this. */
const START_GUARD_MS = 180_000;
/** Time for each way to stop before the next, rougher one. */
const STOP_GUARD_MS = 30_000;
/** Fast shutdown, shutdown without checkpoint, and the kernel's. */
const STOP_SIGNALS = ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const;

const READY = 'database system is ready to accept connections';

/** One running PostgreSQL server process, child of this one. */
export class Postmaster {
  readonly #child: ChildProcessByStdio<null, null, Readable>;
  readonly #exited: Promise<unknown>;
  #stopping = false;

  private constructor(child: ChildProcessByStdio<null, null, Readable>, logger: Logger, release: () => void) {
    this.#child = child;
    this.#exited = once(child, 'close').then(([code, signal]) => {
      release();
      if (!this.#stopping)
        logger.error({ code: code as unknown, signal: signal as unknown }, 'PostgreSQL ended');
    });
  }

  /** Starts a server and resolves once it accepts connections or has ended. */
  static async start(options: PostmasterOptions): Promise<StartOutcome> {
    const child = spawn(
      join(options.nativeDir, 'bin', 'postgres'),
      ['-D', options.clusterDir, ...serverArguments(options)],
      {
        cwd: '/',
        env: programEnvironment,
        // In its own session: Ctrl-C must reach it through us, after our last writes.
        detached: true,
        stdio: ['ignore', 'ignore', 'pipe'],
        ...runAs(options.account),
      },
    );
    const output = await readUntilReady(child, options.logger);
    if (output !== undefined) return { started: false, output };
    const release = watchOver(child.pid as number, options.account);
    return { started: true, postmaster: new Postmaster(child, options.logger, release) };
  }

  /** Ends all sessions, writes everything and ends the server; rougher after a guard. Resolves when it is gone. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const signal of STOP_SIGNALS) {
      this.#child.kill(signal);
      if (await this.#endsWithin(STOP_GUARD_MS)) return;
    }
  }

  async #endsWithin(guardMs: number): Promise<boolean> {
    const guard = deferred<boolean>();
    const timer = setTimeout(() => guard.resolve(false), guardMs);
    const ended = await Promise.race([this.#exited.then(() => true), guard.promise]);
    clearTimeout(timer);
    return ended;
  }
}

/** Undefined once the server is ready; what it wrote when it ended (or hung) instead. Its lines go to the log. */
async function readUntilReady(
  child: ChildProcessByStdio<null, null, Readable>,
  logger: Logger,
): Promise<string | undefined> {
  const outcome = deferred<string | undefined>();
  const lines: string[] = [];
  const guard = setTimeout(() => child.kill('SIGQUIT'), START_GUARD_MS);
  createInterface(child.stderr).on('line', (line) => {
    logger.debug({ line }, 'PostgreSQL');
    if (lines.length < 100) lines.push(line);
    if (line.includes(READY)) outcome.resolve(undefined);
  });
  child.once('error', (error) => outcome.resolve(error.message));
  child.once('close', () => outcome.resolve(lines.join('\n')));
  const output = await outcome.promise;
  clearTimeout(guard);
  return output;
}
