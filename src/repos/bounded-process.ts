import { type ChildProcess, spawn } from 'node:child_process';

/** A program to run, and what it may cost. */
export interface ProcessRequest {
  readonly file: string;
  readonly args: readonly string[];
  /** The whole environment; nothing of ours is added. */
  readonly env: Readonly<Record<string, string>>;
  /** For its standard input; nothing without. */
  readonly input?: string | undefined;
  readonly timeoutMs: number;
  /** Most bytes of standard output. */
  readonly maxBytes: number;
  readonly signal?: AbortSignal | undefined;
}

/** How a process ended. */
export interface ProcessOutcome {
  /** null when it was killed or could not be started. */
  readonly code: number | null;
  readonly stdout: Buffer;
  /** At most 16 KiB of it. */
  readonly stderr: string;
  /** Why we ended it; null when it ended by itself. */
  readonly stoppedFor: 'TIMEOUT' | 'ABORTED' | 'OUTPUT' | null;
}

const STDERR_BYTES = 16 * 1024;
/** Between the polite and the other signal: git removes its lock files on the polite one. */
const GRACE_MS = 1000;

/**
 * Runs a program without a shell and in a process group of its own, so that its children end with it. Rejects only when
 * it cannot be started.
 */
export function runBounded(request: ProcessRequest): Promise<ProcessOutcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(request.file, request.args, {
      cwd: '/',
      env: request.env,
      stdio: [request.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      detached: true,
    });
    // Who does not read its input has a reason, which its exit tells.
    child.stdin?.on('error', () => undefined).end(request.input);
    const run = new BoundedRun(child, request);
    child.once('error', (error) => {
      run.dispose();
      reject(error);
    });
    child.once('close', (code) => {
      run.dispose();
      resolve(run.outcome(code));
    });
  });
}

/** Watches one child: gathers its output and ends it when it costs too much. */
class BoundedRun {
  readonly #out: Buffer[] = [];
  #outBytes = 0;
  #err = '';
  #stoppedFor: ProcessOutcome['stoppedFor'] = null;
  #killer: NodeJS.Timeout | undefined;
  readonly #timer: NodeJS.Timeout;
  readonly #onAbort = (): void => this.#stop('ABORTED');

  constructor(
    private readonly child: ChildProcess,
    private readonly request: ProcessRequest,
  ) {
    child.stdout?.on('data', (chunk: Buffer) => this.#take(chunk));
    child.stderr?.on('data', (chunk: Buffer) => {
      if (this.#err.length < STDERR_BYTES) this.#err += chunk.toString('utf8');
    });
    this.#timer = setTimeout(() => this.#stop('TIMEOUT'), request.timeoutMs);
    request.signal?.addEventListener('abort', this.#onAbort, { once: true });
    if (request.signal?.aborted === true) this.#onAbort();
  }

  outcome(code: number | null): ProcessOutcome {
    return {
      code: this.#stoppedFor === null ? code : null,
      stdout: Buffer.concat(this.#out),
      stderr: this.#err.slice(0, STDERR_BYTES),
      stoppedFor: this.#stoppedFor,
    };
  }

  dispose(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#killer);
    this.request.signal?.removeEventListener('abort', this.#onAbort);
  }

  #take(chunk: Buffer): void {
    this.#outBytes += chunk.length;
    if (this.#outBytes > this.request.maxBytes) this.#stop('OUTPUT');
    else this.#out.push(chunk);
  }

  #stop(reason: NonNullable<ProcessOutcome['stoppedFor']>): void {
    if (this.#stoppedFor !== null) return;
    this.#stoppedFor = reason;
    this.#signal('SIGTERM');
    this.#killer = setTimeout(() => this.#signal('SIGKILL'), GRACE_MS);
  }

  /** The whole group: git's helpers (upload-pack, remote-https, index-pack) hold the pipes open otherwise. */
  #signal(signal: NodeJS.Signals): void {
    if (this.child.pid === undefined) return;
    try {
      process.kill(-this.child.pid, signal);
    } catch (error) {
      // The group ended in between, which is what was wanted.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}
