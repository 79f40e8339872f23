import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { afterEverything } from './teardown.js';
import { killWithUs } from './watchdog.js';

/** How a process ended: by itself with a code, or by a signal. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** What {@link spawnProcess} starts a program with, next to its arguments. */
export interface SpawnOptions {
  readonly cwd?: string;
  /** The whole environment; default: ours. */
  readonly env?: NodeJS.ProcessEnv;
  readonly uid?: number;
  readonly gid?: number;
}

/** A program under test, running as a process of its own. Killed at the end of the run at the latest, also when the run itself is killed. */
export class TestProcess {
  readonly pid: number;
  /** Settles when the process is gone and its output is read. */
  readonly exit: Promise<Exit>;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: string[] = [];
  readonly #watchers = new Set<() => void>();
  #stdout = '';
  #stderr = '';
  #ended = false;

  constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child;
    this.pid = child.pid ?? Number.NaN;
    child.stdout.setEncoding('utf8').on('data', (text: string) => (this.#stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
    for (const stream of [child.stdout, child.stderr]) {
      createInterface(stream).on('line', (line) => {
        this.#lines.push(line);
        this.#wake();
      });
    }
    this.exit = once(child, 'close').then(([code, signal]) => {
      this.#ended = true;
      this.#wake();
      return { code: code as number | null, signal: signal as NodeJS.Signals | null };
    });
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** All lines of both streams so far, in the order in which they came. */
  get output(): string {
    return this.#lines.join('\n');
  }

  /** Whether the process still runs (or its output is not read to the end). */
  get isRunning(): boolean {
    return !this.#ended;
  }

  /** Writes to the process's standard input. */
  write(text: string | Uint8Array): void {
    this.#child.stdin.write(text);
  }

  /** Ends the process's standard input. */
  endInput(): void {
    this.#child.stdin.end();
  }

  /**
   * The first line, past or future and of either stream, that matches. Rejects with the whole output when the process
   * ends or `guardMs` (default 30 s) pass without one.
   */
  waitForLine(pattern: RegExp, options: { guardMs?: number } = {}): Promise<RegExpExecArray> {
    const guardMs = options.guardMs ?? 30_000;
    return new Promise((resolve, reject) => {
      const settle = (action: () => void): void => {
        this.#watchers.delete(look);
        clearTimeout(guard);
        action();
      };
      const fail = (reason: string): void => {
        settle(() =>
          reject(new Error(`${reason} before a line matched ${pattern}. Output:\n${this.output}`)),
        );
      };
      const guard = setTimeout(() => fail(`${guardMs} ms passed`), guardMs);
      const look = (): void => {
        const match = this.#find(pattern);
        if (match !== null) settle(() => resolve(match));
        else if (this.#ended) fail('the process ended');
      };
      this.#watchers.add(look);
      look();
    });
  }

  /** Sends a signal (default SIGKILL) if the process still runs, and waits for its end. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<Exit> {
    if (!this.#ended) this.#child.kill(signal);
    return this.exit;
  }

  #find(pattern: RegExp): RegExpExecArray | null {
    for (const line of this.#lines) {
      const match = new RegExp(pattern.source, pattern.flags.replace('g', '')).exec(line);
      if (match !== null) return match;
    }
    return null;
  }

  #wake(): void {
    for (const look of [...this.#watchers]) look();
  }
}

const started = new Set<TestProcess>();

/**
 * Starts a program; rejects when it cannot be started. `node` is `process.execPath`.
 * @example
 * const server = await spawnProcess(process.execPath, ['bin/slipway.js', 'server']);
 * const [, port] = await server.waitForLine(/listening on .*:(\d+)/);
 * await server.kill('SIGTERM');
 */
export async function spawnProcess(
  command: string,
  args: readonly string[],
  options: SpawnOptions = {},
): Promise<TestProcess> {
  const child = spawn(command, args, { ...options, stdio: 'pipe' });
  // A process that does not read its input any more is for the test to notice by its exit.
  child.stdin.on('error', () => undefined);
  const test = new TestProcess(child);
  await once(child, 'spawn');
  if (started.size === 0) afterEverything(killAll);
  started.add(test);
  const forget = killWithUs(test.pid);
  void test.exit.then(forget);
  return test;
}

/** Whether a process of the machine runs. One that has ended and that nobody has waited for yet does not. */
export function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false; // There is no such process.
  }
}

async function killAll(): Promise<void> {
  const running = [...started].filter((test) => test.isRunning);
  started.clear();
  await Promise.all(running.map((test) => test.kill()));
}
