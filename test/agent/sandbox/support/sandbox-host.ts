import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Mount, NetworkPolicy } from '../../../../src/agent/agent-options.js';
import { stepEnvironment } from '../../../../src/agent/builds/step-environment.js';
import { Workspace } from '../../../../src/agent/builds/workspace.js';
import type { BuildLimits, Cgroups } from '../../../../src/agent/cgroups/cgroups.js';
import { findCgroups } from '../../../../src/agent/cgroups/find-cgroups.js';
import type { StepExit } from '../../../../src/agent/executor/executor.js';
import { SandboxExecutor } from '../../../../src/agent/sandbox/sandbox-executor.js';
import { readMounts } from '../../../../src/agent/sandbox/sandbox-mounts.js';
import { systemClock } from '../../../../src/base/clock.js';
import type { CompiledStep } from '../../../../src/pipeline/index.js';
import { headOf } from '../../support/heads.js';
import { stepOf } from '../../support/step.js';

/** Enough for a shell, little enough to be used up at once. */
const LIMITS: BuildLimits = { memoryBytes: 128 * 2 ** 20, pids: 64, cpus: null };
export const BUILD_UID = 65_521;

export interface HostWish {
  readonly mounts?: readonly Mount[];
  readonly network?: NetworkPolicy;
  readonly limits?: Partial<BuildLimits>;
  readonly tmpBytes?: number;
}

/** A step that runs in a sandbox. */
export interface RunningStep {
  readonly exit: Promise<StepExit>;
  readonly stop: AbortController;
  readonly kill: AbortController;
  /** Resolves once the step has printed this. */
  printed(text: string): Promise<void>;
  output(): string;
}

/** A worker's state directory, and the sandbox driver at work there. */
export class SandboxHost {
  readonly stateDir: string;
  readonly workspaceDir: string;
  readonly #parts: { executor: SandboxExecutor; cgroups: Cgroups };

  private constructor(stateDir: string, parts: { executor: SandboxExecutor; cgroups: Cgroups }) {
    this.stateDir = stateDir;
    this.workspaceDir = join(stateDir, 'workspaces');
    this.#parts = parts;
  }

  static async create(directory: string, wish: HostWish = {}): Promise<SandboxHost> {
    const stateDir = join(directory, 'state');
    await mkdir(join(stateDir, 'workspaces'), { recursive: true, mode: 0o700 });
    const cgroups = await findCgroups({
      stateDir,
      limits: { ...LIMITS, ...wish.limits },
      clock: systemClock,
    });
    const executor = new SandboxExecutor({
      ledger: { addGroup: () => Promise.resolve(), removeGroup: () => Promise.resolve() },
      cgroups,
      mounts: await readMounts(wish.mounts ?? [], [stateDir]),
      user: process.getuid?.() === 0 ? { uid: BUILD_UID, gid: BUILD_UID } : null,
      processes: 512,
      tmpBytes: wish.tmpBytes ?? 2 ** 20,
      network: wish.network ?? 'none',
    });
    return new SandboxHost(stateDir, { executor, cgroups });
  }

  get executor(): SandboxExecutor {
    return this.#parts.executor;
  }

  /** Whether anything of the worker runs, or its cgroups are still there, is what the next agent would find. */
  get cgroups(): Cgroups {
    return this.#parts.cgroups;
  }

  /** A build with an empty checkout; `fill` puts files into it before it is given to the build. */
  async build(fill?: (checkout: string) => Promise<void>): Promise<Workspace> {
    const workspace = await Workspace.create(this.workspaceDir, randomUUID());
    await fill?.(workspace.source);
    await this.executor.prepare(workspace);
    return workspace;
  }

  start(workspace: Workspace, commands: readonly string[], rest: Partial<CompiledStep> = {}): RunningStep {
    const step = stepOf(commands, rest);
    const build = workspace.root.split('/').at(-1)!;
    const head = headOf('worker', [], { build });
    const printed = new Printed();
    const stop = new AbortController();
    const kill = new AbortController();
    const exit = this.executor.run({
      build,
      workspace,
      step,
      directory: workspace.source,
      environment: stepEnvironment(step, { head, paths: this.executor.pathsOf(), secrets: {} }),
      control: { stop: stop.signal, kill: kill.signal },
      output: (bytes) => printed.take(bytes),
    });
    return { exit, stop, kill, printed: (text) => printed.until(text), output: () => printed.text };
  }

  /** Runs commands in a build of their own; what they print, if they end with 0. */
  async run(commands: readonly string[], rest: Partial<CompiledStep> = {}): Promise<string> {
    const running = this.start(await this.build(), commands, rest);
    assert.deepEqual(await running.exit, { kind: 'EXITED', code: 0 }, running.output());
    return running.output();
  }

  /** Ends everything; false when something could not be ended. */
  close(): Promise<boolean> {
    return this.cgroups.clear();
  }
}

class Printed {
  readonly #chunks: Uint8Array[] = [];
  #watchers: { text: string; resolve: () => void }[] = [];

  get text(): string {
    return Buffer.concat(this.#chunks).toString();
  }

  take(bytes: Uint8Array): Promise<void> {
    this.#chunks.push(bytes);
    this.#look();
    return Promise.resolve();
  }

  until(text: string): Promise<void> {
    return new Promise((resolve) => {
      this.#watchers.push({ text, resolve });
      this.#look();
    });
  }

  #look(): void {
    for (const { text, resolve } of this.#watchers) if (this.text.includes(text)) resolve();
  }
}
