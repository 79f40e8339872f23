import type { Duplex } from 'node:stream';
import type { Cgroup } from '../cgroups/cgroups.js';
import type { OutputSink, StepExit } from '../executor/executor.js';
import type { ProcessControl } from '../executor/process-control.js';
import { runProcessGroup } from '../executor/process-group.js';
import { signalGroup } from '../executor/signals.js';
import type { CloseNetwork } from './user-network.js';
import { StatusStream } from './sandbox-status.js';

/** A launch of bwrap, and what belongs to it. */
export interface SandboxRun {
  readonly argv: readonly [string, ...string[]];
  /** Of the launch, not of the step. */
  readonly environment: Readonly<Record<string, string>>;
  /** See bwrapArguments. */
  readonly words: string;
  readonly output: OutputSink;
  readonly control: ProcessControl;
  readonly cgroup: Cgroup;
  /** Makes the network of the namespace that this process has; absent: it needs none. */
  readonly connect?: (pid: number) => Promise<CloseNetwork>;
  onStart(pid: number): Promise<void>;
  onEnd(pid: number): Promise<void>;
}

/** Of what a launch says in vain, as much as explains it. */
const MAX_COMPLAINT = 1_000;

/**
 * Runs a step in its sandbox to the end. What the launch itself prints is no output of the step: it is the reason why
 * there is no sandbox, if there is none.
 */
export async function runSandbox(launch: SandboxRun): Promise<StepExit> {
  const { connect } = launch;
  const complaint = new Complaint();
  let status: StatusStream | undefined;
  let network: Promise<CloseNetwork | null> = Promise.resolve(null);
  const exit = await runProcessGroup({
    ...launch,
    cwd: '/',
    errors: (bytes) => complaint.take(bytes),
    pipes: {
      count: connect ? 4 : 2,
      use: ([words, said, asked, answer], pid) => {
        // A launch that ends early leaves words unread; its exit says the rest.
        words?.on('error', () => undefined).end(launch.words);
        status = said && new StatusStream(said);
        if (!connect || !asked || !answer) return;
        asked.once('data', () => {
          network = answerNetwork(answer, connect(pid), complaint);
        });
      },
    },
    askToEnd: () => {
      const { leaderPid } = status?.status ?? {};
      if (leaderPid !== undefined) signalGroup(leaderPid, 'SIGTERM');
    },
  });
  await launch.cgroup.kill();
  await Promise.all([status?.ended, network.then((close) => close?.())]);
  const isKilled = launch.control.kill.aborted || (await launch.cgroup.oomKills()) > 0;
  return judge(exit, { code: status?.status.exitCode, isKilled, complaint: complaint.text });
}

/** Lets the launch go on once it has its network; without an answer it gives up. */
async function answerNetwork(
  answer: Duplex,
  opening: Promise<CloseNetwork>,
  complaint: Complaint,
): Promise<CloseNetwork | null> {
  answer.on('error', () => undefined); // A launch that was killed meanwhile hears nothing.
  try {
    const close = await opening;
    answer.end('go\n');
    return close;
  } catch (error) {
    await complaint.take(Buffer.from(error instanceof Error ? error.message : String(error)));
    answer.end();
    return null;
  }
}

/** What a launch says in vain. */
class Complaint {
  #text = '';

  get text(): string {
    return this.#text.trim();
  }

  take(bytes: Uint8Array): Promise<void> {
    this.#text = `${this.#text}${Buffer.from(bytes).toString()}`.slice(0, MAX_COMPLAINT);
    return Promise.resolve();
  }
}

interface Circumstances {
  readonly code: number | undefined;
  readonly isKilled: boolean;
  readonly complaint: string;
}

/** Only bwrap knows the exit code of a step; its own tells of a sandbox that came to nothing. */
function judge(exit: StepExit, { code, isKilled, complaint }: Circumstances): StepExit {
  if (code !== undefined) return { kind: 'EXITED', code };
  switch (exit.kind) {
    case 'NOT_STARTED':
      return exit;
    case 'SIGNALED':
      if (isKilled) return exit;
      return { kind: 'NOT_STARTED', error: `the sandbox was ended from outside, by ${exit.signal}` };
    case 'EXITED':
      return { kind: 'NOT_STARTED', error: `there is no sandbox: ${complaint || `exit code ${exit.code}`}` };
  }
}
