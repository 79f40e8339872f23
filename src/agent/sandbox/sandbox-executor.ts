import { chmod, writeFile } from 'node:fs/promises';
import { basename, join, posix, relative } from 'node:path';
import { DomainError } from '../../base/errors.js';
import type { NetworkPolicy } from '../agent-options.js';
import type { CompiledPipeline } from '../../pipeline/index.js';
import type { Workspace } from '../builds/workspace.js';
import type { Cgroup, Cgroups } from '../cgroups/cgroups.js';
import { describeBytes } from '../cgroups/describe-limits.js';
import type { Executor, StepExecution, StepExit, StepPaths } from '../executor/executor.js';
import { describeImages } from '../executor/image-notice.js';
import { stepArgv, stepScript } from '../executor/step-script.js';
import type { BuildLedger } from '../state/build-ledger.js';
import { BUILD_MARK } from '../state/marked-processes.js';
import { bwrapArguments } from './bwrap-arguments.js';
import { giveWorkspace } from './give-workspace.js';
import { writeIdentityFiles } from './identity-files.js';
import { INSIDE, pathsInside, searchPathInside } from './inside.js';
import { type BuildUser, type Launch, launchArgv, launchEnvironment } from './launch-script.js';
import { nodeTools } from './node-tools.js';
import { type Reachable, stageAll } from './reachable.js';
import { makePlaces, type SandboxMount } from './sandbox-mounts.js';
import { deniedAddresses } from './denied-addresses.js';
import { resolversOf } from './resolvers.js';
import { type CloseNetwork, openUserNetwork } from './user-network.js';
import { runSandbox } from './sandbox-run.js';
import { systemArguments } from './system-files.js';

/** What the sandbox driver works with. */
export interface SandboxOptions {
  readonly ledger: Pick<BuildLedger, 'addGroup' | 'removeGroup'>;
  readonly cgroups: Cgroups;
  readonly mounts: readonly SandboxMount[];
  /** Who bwrap runs as; null: the agent's own user, who is not root. */
  readonly user: BuildUser | null;
  readonly tmpBytes: number;
  /** How many processes the user may have, where no cgroup counts those of a build. */
  readonly processes: number;
  readonly network: NetworkPolicy;
  /** `PATH` of the steps, inside. */
  readonly searchPath?: string | undefined;
}

/** Runs each step in a sandbox of its own, made by bubblewrap: what a step is not shown, it cannot reach. */
export class SandboxExecutor implements Executor {
  readonly driver = 'sandbox';
  readonly #options: SandboxOptions;
  readonly #system = systemArguments();
  readonly #tools = nodeTools();
  readonly #paths: StepPaths;

  constructor(options: SandboxOptions) {
    this.#options = options;
    this.#paths = pathsInside(options.searchPath ?? searchPathInside(process.execPath));
  }

  notices(pipeline: CompiledPipeline): readonly string[] {
    const { cgroups, network, mounts, tmpBytes } = this.#options;
    return [
      `sandbox driver: network ${network}, ${describeBytes(tmpBytes)} of ${INSIDE.temporary} for each step`,
      `sandbox driver: ${cgroups.notice}`,
      ...describeImages(this.driver, pipeline),
      ...mounts.map(({ source, destination, isWritable }) => {
        return `mount ${destination} -> ${source} (${isWritable ? 'cache' : 'ro'})`;
      }),
    ];
  }

  pathsOf(): StepPaths {
    return this.#paths;
  }

  async prepare(workspace: Workspace): Promise<void> {
    const { mounts, user, network } = this.#options;
    await makePlaces(mounts, workspace.source);
    await writeIdentityFiles(join(workspace.root, 'etc'), await resolversOf(network));
    if (user) await giveWorkspace(user, workspace);
  }

  release(build: string): Promise<boolean> {
    return this.#options.cgroups.endBuild(build);
  }

  async run(execution: StepExecution): Promise<StepExit> {
    const { build, step } = execution;
    const cgroup = await this.#options.cgroups.open(build, `step-${step.number}`);
    try {
      return withMemory(await this.#launch(execution, cgroup), await this.#outOfMemory(cgroup));
    } catch (error) {
      if (error instanceof DomainError) return { kind: 'NOT_STARTED', error: error.message };
      throw error;
    } finally {
      await cgroup.end();
    }
  }

  async #launch(execution: StepExecution, cgroup: Cgroup): Promise<StepExit> {
    const { build, workspace, step, output, control } = execution;
    const { ledger, network } = this.#options;
    const script = workspace.scriptOf(step.number);
    await writeFile(script, stepScript(step));
    await chmod(script, 0o644);
    const reachable = this.#reach(workspace);
    return runSandbox({
      argv: launchArgv(this.#launchOf(cgroup, reachable), stepArgv(step, INSIDE.script)),
      environment: launchEnvironment({ [BUILD_MARK]: build }),
      words: this.#words(execution, reachable),
      ...(network === 'nat' ? { connect: (pid: number) => this.#connect(execution, pid) } : {}),
      output,
      control,
      cgroup,
      onStart: (pid) => ledger.addGroup(build, pid),
      onEnd: (pid) => ledger.removeGroup(build, pid),
    });
  }

  #launchOf({ entrances }: Cgroup, { staged }: Reachable<SandboxMount>): Launch {
    const { user, network, cgroups, processes } = this.#options;
    return {
      entrances,
      ...(cgroups.limits.pids === null ? { processes } : {}),
      ...(user ? { drop: { user, staged } } : {}),
      ...(network === 'nat' ? { denied: deniedAddresses() } : {}),
    };
  }

  async #connect({ build, step }: StepExecution, pid: number): Promise<CloseNetwork> {
    const cgroup = await this.#options.cgroups.open(build, `network-${step.number}`);
    return openUserNetwork({ pid, cgroup, mark: { [BUILD_MARK]: build } });
  }

  #words(execution: StepExecution, { root, mounts }: Reachable<SandboxMount>): string {
    const { workspace, step, directory, environment } = execution;
    return bwrapArguments({
      root,
      script: basename(workspace.scriptOf(step.number)),
      system: this.#system,
      tools: this.#tools.words,
      mounts,
      tmpBytes: this.#options.tmpBytes,
      sharesNetwork: this.#options.network !== 'none',
      directory: posix.join(INSIDE.source, relative(workspace.source, directory)),
      environment,
    });
  }

  /** A bwrap with the agent's own rights finds everything where it is. */
  #reach({ root }: Workspace): Reachable<SandboxMount> {
    const mounts = [...this.#tools.mounts, ...this.#options.mounts];
    return this.#options.user ? stageAll(root, mounts) : { root, mounts, staged: [] };
  }

  async #outOfMemory(cgroup: Cgroup): Promise<string | null> {
    if ((await cgroup.oomKills()) === 0) return null;
    const { memoryBytes } = this.#options.cgroups.limits;
    return `out of memory: limit ${memoryBytes === null ? 'of the machine' : describeBytes(memoryBytes)}`;
  }
}

function withMemory(exit: StepExit, outOfMemory: string | null): StepExit {
  return outOfMemory === null || exit.kind === 'NOT_STARTED' ? exit : { ...exit, outOfMemory };
}
