import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import type { OutputSink, StepExit } from './executor.js';
import { descriptorStandIns } from './inherited-descriptors.js';
import { PipePump } from './pipe-pump.js';
import type { ProcessControl } from './process-control.js';
import { signalGroup } from './signals.js';

/** How long a pipe may be silent after its process has ended, before it is taken for somebody else's. */
const IDLE_PIPE_MS = 500;
/** The first descriptor after standard input, output and error. */
const FIRST_PIPE = 3;

/** A program to run as the leader of a new session, and so of a group that can be killed as one. */
export interface GroupSpec {
  readonly argv: readonly [string, ...string[]];
  readonly cwd: string;
  /** The whole environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** For its standard input; /dev/null without. */
  readonly input?: string | undefined;
  readonly output: OutputSink;
  /** Takes standard error; by default `output` does. */
  readonly errors?: OutputSink;
  readonly control: ProcessControl;
  /** Pipes that the program finds open at its descriptors from 3 on, and who uses their other ends. */
  readonly pipes?: { readonly count: number; use(pipes: readonly Duplex[], pid: number): void };
  /** Asks the program to end; by default a TERM to its group. */
  readonly askToEnd?: (pid: number) => void;
  /** Told the leader's process id before the group can outlive its record, and again when the group is gone. */
  readonly onStart?: (pid: number) => Promise<void>;
  readonly onEnd?: (pid: number) => Promise<void>;
}

/**
 * Runs a program to its end. It inherits no descriptor, and when this resolves its
 * whole group has been killed and its output is delivered.
 */
export async function runProcessGroup(spec: GroupSpec): Promise<StepExit> {
  const child = startGroup(spec);
  if (child instanceof Error) return notStarted(child);
  const exited = new Promise<StepExit>((resolve) => child.once('exit', (...end) => resolve(exitOf(...end))));
  const failure = await Promise.race([once(child, 'spawn').then(() => undefined), failureOf(child)]);
  const { pid, stdout, stderr } = child;
  if (failure || pid === undefined || !stdout || !stderr) {
    return notStarted(failure ?? new Error('it has no process id'));
  }
  // Who does not read its input has a reason, which its exit tells.
  child.stdin?.on('error', () => undefined).end(spec.input);
  const pumps = [new PipePump(stdout, spec.output), new PipePump(stderr, spec.errors ?? spec.output)];
  spec.pipes?.use(child.stdio.slice(FIRST_PIPE, FIRST_PIPE + spec.pipes.count) as unknown as Duplex[], pid);
  const ignoreSignals = obey(spec, pid);
  try {
    await spec.onStart?.(pid);
    const exit = await exited;
    signalGroup(pid, 'SIGKILL');
    await Promise.all(pumps.map((pump) => pump.giveUpWhenIdle(IDLE_PIPE_MS)));
    await Promise.all(pumps.map((pump) => pump.done));
    return exit;
  } finally {
    signalGroup(pid, 'SIGKILL');
    ignoreSignals();
    await spec.onEnd?.(pid);
  }
}

/** Some faults are thrown (a NUL in a word), others come as an event (no such program). */
function startGroup({
  argv: [file, ...words],
  cwd,
  environment,
  input,
  pipes,
}: GroupSpec): ChildProcess | Error {
  try {
    return spawn(file, words, {
      cwd,
      env: { ...environment },
      detached: true,
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe', ...beyondOutput(pipes?.count ?? 0)],
    });
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** Pipes first; what is further up must not be what somebody else has left open there. */
function beyondOutput(pipes: number): ReturnType<typeof descriptorStandIns> {
  return [...Array<'pipe'>(pipes).fill('pipe'), ...descriptorStandIns().slice(pipes)];
}

/** Stays listened to: a child may also fail later, when a signal cannot be sent. */
function failureOf(child: ChildProcess): Promise<Error> {
  return new Promise((resolve) => child.on('error', resolve));
}

function obey({ control: { stop, kill }, askToEnd }: GroupSpec, pid: number): () => void {
  const onStop = (): void => void (askToEnd ? askToEnd(pid) : signalGroup(pid, 'SIGTERM'));
  const onKill = (): void => void signalGroup(pid, 'SIGKILL');
  if (stop.aborted) onStop();
  if (kill.aborted) onKill();
  stop.addEventListener('abort', onStop);
  kill.addEventListener('abort', onKill);
  return () => {
    stop.removeEventListener('abort', onStop);
    kill.removeEventListener('abort', onKill);
  };
}

function exitOf(code: number | null, signal: NodeJS.Signals | null): StepExit {
  return signal === null ? { kind: 'EXITED', code: code ?? 0 } : { kind: 'SIGNALED', signal };
}

function notStarted(error: Error): StepExit {
  return { kind: 'NOT_STARTED', error: error.message };
}
