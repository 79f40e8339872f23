import { writeFile } from 'node:fs/promises';
import type { CompiledPipeline } from '../../pipeline/index.js';
import type { Mount } from '../agent-options.js';
import type { Workspace } from '../builds/workspace.js';
import type { BuildLedger } from '../state/build-ledger.js';
import type { Executor, StepExecution, StepExit, StepPaths } from './executor.js';
import { describeImages } from './image-notice.js';
import { describeLinks, linkMounts } from './linked-mounts.js';
import { runProcessGroup } from './process-group.js';
import { stepArgv, stepScript } from './step-script.js';

/** What the process driver works with. */
export interface ProcessExecutorOptions {
  readonly ledger: BuildLedger;
  readonly mounts: readonly Mount[];
  readonly searchPath: string;
}

/** Runs steps as plain processes of the agent's user: no isolation at all, only order and an end. */
export class ProcessExecutor implements Executor {
  readonly driver = 'process';
  readonly #options: ProcessExecutorOptions;

  constructor(options: ProcessExecutorOptions) {
    this.#options = options;
  }

  notices(pipeline: CompiledPipeline): readonly string[] {
    return [
      'process driver: no isolation, steps run as the user of the agent',
      ...describeImages(this.driver, pipeline),
      ...describeLinks(this.#options.mounts),
    ];
  }

  pathsOf({ source, home, temporary, outputs }: Workspace): StepPaths {
    return { source, home, temporary, outputs, search: this.#options.searchPath };
  }

  async prepare(workspace: Workspace): Promise<void> {
    await linkMounts(this.#options.mounts, workspace.source);
  }

  /** What is left is found by its mark, as everything else that a build has started. */
  release(): Promise<boolean> {
    return Promise.resolve(true);
  }

  async run(execution: StepExecution): Promise<StepExit> {
    const { build, workspace, step, environment, output, control } = execution;
    const script = workspace.scriptOf(step.number);
    await writeFile(script, stepScript(step), { mode: 0o600 });
    return runProcessGroup({
      argv: stepArgv(step, script),
      cwd: execution.directory,
      environment,
      output,
      control,
      onStart: (pid) => this.#options.ledger.addGroup(build, pid),
      onEnd: (pid) => this.#options.ledger.removeGroup(build, pid),
    });
  }
}
