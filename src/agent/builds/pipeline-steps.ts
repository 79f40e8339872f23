import { BuildStatus, runsAtStatus, type CompiledStep } from '../../pipeline/index.js';
import { StepStatus } from '../../protocol/messages.js';
import type { StepExit } from '../executor/executor.js';
import { type BuildStop, StopCause } from './build-control.js';
import type { BuildVerdict } from './build-result.js';
import type { BuildScene } from './build-scene.js';
import { boardNumber, type StepEnd } from './step-board.js';
import { stepEnvironment } from './step-environment.js';
import { findDirectory } from './working-directory.js';

/**
 * Runs the steps in their order. Once something has failed, only steps that ask for it run; the verdict is that of
 * the first failure. Ends early when the build is ended, or when the machine cannot run a step.
 */
export async function runPipelineSteps(scene: BuildScene): Promise<BuildVerdict> {
  let verdict: BuildVerdict = { kind: 'SUCCEEDED' };
  for (const step of scene.pipeline.steps) {
    if (scene.control.order) break;
    const status = verdict.kind === 'SUCCEEDED' ? BuildStatus.SUCCESS : BuildStatus.FAILURE;
    if (!runsAtStatus(step, status)) {
      scene.board.end(boardNumber(step.number), { status: StepStatus.SKIPPED });
      continue;
    }
    const exit = await runStep(scene, step);
    if (exit.kind === 'NOT_STARTED') return executorError(step, exit.error);
    if (verdict.kind === 'SUCCEEDED' && !step.ruleset.continue) verdict = verdictOf(step, exit);
  }
  return verdict;
}

async function runStep(scene: BuildScene, step: CompiledStep): Promise<StepExit> {
  const { site, head, workspace, control, board, logs } = scene;
  const number = boardNumber(step.number);
  const log = logs.step(number);
  board.start(number);
  const directory = await findDirectory(workspace.source, step.workingDirectory);
  const exit: StepExit =
    directory.kind === 'REFUSED'
      ? { kind: 'NOT_STARTED', error: directory.reason }
      : await site.executor.run({
          build: head.build,
          workspace,
          step,
          directory: directory.path,
          environment: stepEnvironment(step, { head, paths: site.executor.pathsOf(workspace) }),
          output: (bytes) => log.write(bytes),
          control,
        });
  const end = endOf(exit, control.order);
  if (end.error) await log.line(`[slipway: ${end.error}]`);
  await log.flush();
  board.end(number, end);
  return exit;
}

function endOf(exit: StepExit, order: BuildStop | null): StepEnd {
  if (exit.kind === 'NOT_STARTED') return { status: StepStatus.ERROR, error: exit.error };
  const exitCode = exit.kind === 'EXITED' ? exit.code : null;
  if (order) {
    const status = order.cause === StopCause.CANCELED ? StepStatus.CANCELED : StepStatus.KILLED;
    return { status, exitCode, error: order.reason };
  }
  const error = exit.outOfMemory ?? (exit.kind === 'SIGNALED' ? describe(exit) : null);
  return { status: exitCode === 0 ? StepStatus.SUCCESS : StepStatus.FAILURE, exitCode, error };
}

function verdictOf(step: CompiledStep, exit: StepExit): BuildVerdict {
  if (exit.kind === 'EXITED' && exit.code === 0) return { kind: 'SUCCEEDED' };
  const exitCode = exit.kind === 'EXITED' ? exit.code : null;
  const error = `step ${step.name} failed: it ${describe(exit)}`;
  const { outOfMemory } = exit.kind === 'NOT_STARTED' ? {} : exit;
  return { kind: 'STEP_FAILED', exitCode, error: outOfMemory ? `${error} (${outOfMemory})` : error };
}

function executorError(step: CompiledStep, error: string): BuildVerdict {
  return { kind: 'EXECUTOR_ERROR', error: `step ${step.name} could not be started: ${error}` };
}

function describe(exit: StepExit): string {
  switch (exit.kind) {
    case 'EXITED':
      return `ended with exit code ${exit.code}`;
    case 'SIGNALED':
      return `was ended by ${exit.signal}`;
    case 'NOT_STARTED':
      return `could not be started: ${exit.error}`;
  }
}
