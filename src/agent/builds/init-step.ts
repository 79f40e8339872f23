import { StepStatus } from '../../protocol/messages.js';
import { maskNotices } from '../masking/build-mask.js';
import type { BuildScene } from './build-scene.js';
import { gitOf } from './clone-git.js';
import { INIT_STEP } from './step-board.js';

/** Says in the build's log what runs it, and everything that the pipeline asked for in vain. */
export async function runInit(scene: BuildScene): Promise<void> {
  const { board, logs, site, pipeline } = scene;
  const log = logs.step(INIT_STEP);
  board.start(INIT_STEP);
  const output = (bytes: Uint8Array): Promise<void> => log.write(bytes);
  await log.line(initLines(scene).join('\n'));
  const git = gitOf({ ...scene, ...site, build: scene.head.build });
  if (pipeline.clone) await git({ words: ['--version'], output });
  await log.flush();
  board.end(INIT_STEP, { status: StepStatus.SUCCESS, exitCode: 0 });
}

function initLines({ site, head, content, pipeline }: BuildScene): string[] {
  return [
    ...site.banner,
    `${head.repo} build ${head.number}, attempt ${head.attempt}, of ${head.checkout.commit} for ${head.target}`,
    ...site.executor.notices(pipeline),
    ...maskNotices(content),
    ...pipeline.warnings.map((warning) => `pipeline: ${warning}`),
    ...pipeline.skipped.map(({ step, reason }) => `step ${step} is left out: ${reason}`),
  ];
}
