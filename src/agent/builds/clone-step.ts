import { DomainError } from '../../base/errors.js';
import { StepStatus } from '../../protocol/messages.js';
import { type BuildStop, StopCause } from './build-control.js';
import type { BuildScene } from './build-scene.js';
import { cloneCheckout, type CloneOutcome } from './clone.js';
import { gitOf } from './clone-git.js';
import { withDeadline } from './deadline.js';
import { CLONE_STEP, type StepEnd } from './step-board.js';

/** Prepares the checkout: the commit's files, then the worker's mounts. */
export async function runClone(scene: BuildScene): Promise<CloneOutcome> {
  const { board, head, pipeline, control, site } = scene;
  board.start(CLONE_STEP);
  const deadline = { limitMs: head.deadlines.prepareMs, what: 'preparing the checkout' };
  const outcome = await withDeadline(deadline, { control, clock: site.clock }, () => prepare(scene));
  await scene.logs.step(CLONE_STEP).flush();
  board.end(CLONE_STEP, endOf(outcome, { isWanted: pipeline.clone, order: control.order }));
  return outcome;
}

/** A clone that was ended from outside failed because of that, whatever git said of it. */
function endOf(
  outcome: CloneOutcome,
  { isWanted, order }: { readonly isWanted: boolean; readonly order: BuildStop | null },
): StepEnd {
  if (outcome.kind === 'CLONED') return { status: isWanted ? StepStatus.SUCCESS : StepStatus.SKIPPED };
  if (order === null) return { status: StepStatus.ERROR, error: outcome.error };
  const status = order.cause === StopCause.CANCELED ? StepStatus.CANCELED : StepStatus.KILLED;
  return { status, error: order.reason };
}

async function prepare(scene: BuildScene): Promise<CloneOutcome> {
  const { head, content, pipeline, workspace, logs, site } = scene;
  const log = logs.step(CLONE_STEP);
  const output = (bytes: Uint8Array): Promise<void> => log.write(bytes);
  const git = gitOf({ ...scene, ...site, build: head.build });
  const outcome: CloneOutcome = pipeline.clone
    ? await cloneCheckout({
        checkout: head.checkout,
        credential: content.credential,
        caFile: site.gitCaFile,
        workspace,
        git,
        output,
      })
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
