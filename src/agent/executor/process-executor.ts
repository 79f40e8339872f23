import { writeFile } from 'node:fs/promises';
import type { CompiledPipeline } from '../../pipeline/index.js';
import type { BuildLedger } from '../state/build-ledger.js';
import type { Executor, StepExecution, StepExit } from './executor.js';
import { runProcessGroup } from './process-group.js';
import { stepArgv, stepScript } from './step-script.js';
import { superviseGroup } from './step-supervisor.js';

/** Runs steps as plain processes of the agent's user: no isolation at all, only order and an end. */
export class ProcessExecutor implements Executor {
  readonly driver = 'process';
  readonly #ledger: BuildLedger;

  constructor(ledger: BuildLedger) {
    this.#ledger = ledger;
  }

  notices({ steps }: CompiledPipeline): readonly string[] {
    const images = steps.filter((step) => step.image !== undefined);
    return [
      'process driver: no isolation, steps run as the user of the agent',
      ...images.map(({ name, image }) => `process driver: image ${image} of step ${name} is ignored`),
    ];
  }

  async run(execution: StepExecution): Promise<StepExit> {
    const { build, workspace, step, environment, output, control } = execution;
    const script = workspace.scriptOf(step.number);
    await writeFile(script, stepScript(step), { mode: 0o600 });
    const supervision = superviseGroup();
    try {
      return await runProcessGroup({
        argv: stepArgv(step, script),
        cwd: execution.directory,
        environment,
        output,
        control,
        onStart: async (pid) => {
          supervision.watch(pid);
          await this.#ledger.addGroup(build, pid);
        },
        onEnd: (pid) => this.#ledger.removeGroup(build, pid),
      });
    } finally {
      supervision.end();
    }
  }
}
