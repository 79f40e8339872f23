import { StepStatus } from '../../protocol/messages.js';
import { BuildProgress } from './build-progress.js';
import type { BuildVerdict } from './build-result.js';
import type { BuildScene } from './build-scene.js';
import { type StagePlan, planStages } from './stage-plan.js';
import { runStages } from './stage-runner.js';
import { boardNumber } from './step-board.js';
import { verdictOf } from './step-outcome.js';
import { StepRunner } from './step-runner.js';

/** Stages at once in one build: a pipeline of hundreds must not start hundreds of processes. */
const MAX_STAGES_AT_ONCE = 16;

/**
 * Runs the steps of a pipeline: those of one stage in their order, stages beside each other as soon as what they need
 * has ended. Once something has failed, only steps that ask for it run; the verdict is that of the first failure. Ends
 * early when the build is ended, or when the machine cannot run a step.
 */
export async function runPipelineSteps(scene: BuildScene): Promise<BuildVerdict> {
  const progress = new BuildProgress();
  const runner = new StepRunner(scene);
  const run = async (stage: StagePlan): Promise<void> => {
    try {
      await runStage(stage, { scene, progress, runner });
    } catch (error) {
      halt({ progress, runner }, error instanceof Error ? error.message : String(error));
      throw error;
    }
  };
  await runStages(planStages(scene.pipeline), { limit: MAX_STAGES_AT_ONCE, run });
  return progress.verdict;
}

interface StageContext {
  readonly scene: BuildScene;
  readonly progress: BuildProgress;
  readonly runner: StepRunner;
}

async function runStage(stage: StagePlan, { scene, progress, runner }: StageContext): Promise<void> {
  progress.begin(stage);
  for (const step of stage.steps) {
    if (scene.control.order || progress.isHalted) return;
    if (!progress.admits(stage, step)) {
      scene.board.end(boardNumber(step.number), { status: StepStatus.SKIPPED });
      continue;
    }
    const verdict = verdictOf(step.name, await runner.run(step));
    if (verdict.kind === 'EXECUTOR_ERROR') halt({ progress, runner }, verdict.error);
    else if (verdict.kind !== 'SUCCEEDED') progress.failed(stage, step, verdict);
  }
}

/** The machine can run no more of the build: what runs beside is ended, too. */
function halt({ progress, runner }: Omit<StageContext, 'scene'>, error: string): void {
  progress.halt({ kind: 'EXECUTOR_ERROR', error });
  runner.halt(error);
}
