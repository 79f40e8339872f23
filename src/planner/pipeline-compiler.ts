import { Worker } from 'node:worker_threads';
import { deferred, type Deferred } from '../base/deferred.js';
import type { CompileAnswer, CompileRequest } from './compile-source.js';

/** What one compilation may cost. */
export interface CompilerOptions {
  /** Compilations at once; default 1, since the main loop needs a core too. */
  readonly threads?: number;
  /** Most time of one; default 10 s. Then its thread is killed. */
  readonly timeoutMs?: number;
  /** The thread's program; for tests. */
  readonly program?: URL;
}

const TIMEOUT_MS = 10_000;
const HEAP_MB = 256;

/**
 * Compiles pipeline files on threads of their own, all of them: a small file costs a millisecond more that way, and
 * there is one way only, on which a hostile file can neither hold up leases and heartbeats nor exhaust this process's
 * memory. Threads start when they are needed.
 */
export class PipelineCompiler {
  readonly #threads: readonly CompilerThread[];
  readonly #idle: CompilerThread[];
  readonly #waiting: Deferred<CompilerThread>[] = [];

  constructor(options: CompilerOptions = {}) {
    const program = options.program ?? new URL('./compile-thread.js', import.meta.url);
    const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
    this.#threads = Array.from(
      { length: options.threads ?? 1 },
      () => new CompilerThread(program, timeoutMs),
    );
    this.#idle = [...this.#threads];
  }

  /** Parses and compiles. Rejects when the signal is aborted, and for defects. */
  async compile(request: CompileRequest, signal: AbortSignal): Promise<CompileAnswer> {
    const thread = await this.#take();
    try {
      signal.throwIfAborted();
      return await thread.run(request, signal);
    } finally {
      this.#giveBack(thread);
    }
  }

  /** Ends the threads; what runs on them is rejected. */
  async stop(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.stop()));
  }

  async #take(): Promise<CompilerThread> {
    const thread = this.#idle.pop();
    if (thread !== undefined) return thread;
    const turn = deferred<CompilerThread>();
    this.#waiting.push(turn);
    return turn.promise;
  }

  #giveBack(thread: CompilerThread): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#idle.push(thread);
    else next.resolve(thread);
  }
}

/** One thread at a time: replaced by a new one when it was killed or broke. */
class CompilerThread {
  #worker: Worker | undefined;

  constructor(
    private readonly program: URL,
    private readonly timeoutMs: number,
  ) {}

  async run(request: CompileRequest, signal: AbortSignal): Promise<CompileAnswer> {
    const worker = (this.#worker ??= this.#start());
    const answer = deferred<CompileAnswer>();
    const onAbort = (): void => answer.reject(signal.reason);
    const timer = setTimeout(() => answer.resolve(this.#tooExpensive()), this.timeoutMs);
    const onMessage = (result: CompileAnswer): void => answer.resolve(result);
    const onError = (error: Error): void =>
      isOutOfMemory(error) ? answer.resolve(tooBig) : answer.reject(error);
    const onExit = (): void => answer.reject(new Error('the thread of the compiler ended'));
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    signal.addEventListener('abort', onAbort, { once: true });
    worker.postMessage(request);
    try {
      const result = await answer.promise;
      // Every other end leaves a thread behind that is busy or dead.
      if (result.kind === 'TOO_LARGE') await this.stop();
      return result;
    } catch (error) {
      await this.stop();
      throw error;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      // Each by name: removeAllListeners would take away those of Node, too, by which the thread's answers arrive.
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
    }
  }

  async stop(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  #start(): Worker {
    return new Worker(this.program, {
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB, maxYoungGenerationSizeMb: 32 },
    });
  }

  #tooExpensive(): CompileAnswer {
    return { kind: 'TOO_LARGE', message: `the pipeline did not compile within ${this.timeoutMs / 1000} s` };
  }
}

const tooBig: CompileAnswer = {
  kind: 'TOO_LARGE',
  message: `the pipeline did not compile within ${HEAP_MB} MiB of memory`,
};

function isOutOfMemory(error: Error): boolean {
  return 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
}
