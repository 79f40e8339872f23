import { DomainError } from '../../base/errors.js';
import { StepStatus } from '../../protocol/messages.js';
import type { BuildScene } from './build-scene.js';
import { cloneCheckout, type CloneOutcome } from './clone.js';
import { gitOf } from './clone-git.js';
import { withDeadline } from './deadline.js';
import { CLONE_STEP } from './step-board.js';

/** Prepares the checkout: the commit's files, then the worker's mounts. */
export async function runClone(scene: BuildScene): Promise<CloneOutcome> {
  const { board, head, pipeline, control, site } = scene;
  board.start(CLONE_STEP);
  const deadline = { limitMs: head.deadlines.prepareMs, what: 'preparing the checkout' };
  const outcome = await withDeadline(deadline, { control, clock: site.clock }, () => prepare(scene));
  await scene.logs.step(CLONE_STEP).flush();
  const isSkipped = outcome.kind === 'CLONED' && !pipeline.clone;
  if (outcome.kind === 'FAILED') board.end(CLONE_STEP, { status: StepStatus.ERROR, error: outcome.error });
  else board.end(CLONE_STEP, { status: isSkipped ? StepStatus.SKIPPED : StepStatus.SUCCESS });
  return outcome;
}

async function prepare(scene: BuildScene): Promise<CloneOutcome> {
  const { head, pipeline, workspace, logs, site } = scene;
  const log = logs.step(CLONE_STEP);
  const output = (bytes: Uint8Array): Promise<void> => log.write(bytes);
  const git = gitOf({ ...scene, ...site, build: head.build, output });
  const outcome: CloneOutcome = pipeline.clone
    ? await cloneCheckout({ checkout: head.checkout, workspace, caFile: site.gitCaFile, git, output })
    : { kind: 'CLONED' };
  return outcome.kind === 'CLONED' ? makeReady(scene) : outcome;
}

async function makeReady({ site, workspace }: BuildScene): Promise<CloneOutcome> {
  try {
    await site.executor.prepare(workspace);
    return { kind: 'CLONED' };
  } catch (error) {
    if (error instanceof DomainError) return { kind: 'FAILED', error: error.message };
    throw error;
  }
}
