import { randomUUID } from 'node:crypto';
import type { Uploader } from '../../../src/agent/artifacts/uploader.js';
import { BuildControl } from '../../../src/agent/builds/build-control.js';
import { BuildOutputs } from '../../../src/agent/builds/build-outputs.js';
import type { BuildScene } from '../../../src/agent/builds/build-scene.js';
import { LogStreamer } from '../../../src/agent/builds/log-streamer.js';
import { Reports } from '../../../src/agent/builds/reports.js';
import { StepBoard } from '../../../src/agent/builds/step-board.js';
import { Workspace } from '../../../src/agent/builds/workspace.js';
import { maskOf } from '../../../src/agent/masking/build-mask.js';
import type { Executor, StepPaths } from '../../../src/agent/executor/executor.js';
import { Uplink } from '../../../src/agent/session/uplink.js';
import { BuildLedger } from '../../../src/agent/state/build-ledger.js';
import type { Clock } from '../../../src/base/clock.js';
import { silentLogger } from '../../../src/base/logger.js';
import type { CompiledPipeline, CompiledStep } from '../../../src/pipeline/index.js';
import type { SealContent, StepReport } from '../../../src/protocol/messages.js';
import { headOf } from './heads.js';

/** What a test says of a build; the rest is made up. */
export interface SceneWish {
  /** A directory of the test's own. */
  readonly path: string;
  readonly steps: readonly CompiledStep[];
  readonly stages?: CompiledPipeline['stages'];
  readonly content?: Partial<SealContent>;
  readonly clock: Clock;
  readonly executor: Executor | ((ledger: BuildLedger) => Executor);
  /** In the place of a board that tells nobody. */
  readonly board?: StepBoard;
  readonly cancelGraceMs?: number;
  /** In the place of one that takes everything. */
  readonly uploader?: Uploader;
}

/** A build on its machine without an agent around it, and what its logs and reports say. */
export interface TestScene {
  readonly scene: BuildScene;
  /** The log of the pipeline's step `number`. */
  readonly log: (number: number) => Promise<string>;
  /** The last report of the pipeline's step `number`. */
  readonly step: (number: number) => Promise<StepReport | undefined>;
}

/** Makes the scene of a build whose checkout is empty. */
export async function sceneOf(wish: SceneWish): Promise<TestScene> {
  const { clock, path } = wish;
  const head = headOf('worker', wish.steps, {
    deadlines: { prepareMs: 60_000, runMs: 60_000, cancelGraceMs: wish.cancelGraceMs ?? 5_000 },
  });
  const pipeline = { ...(head.pipeline as CompiledPipeline), ...(wish.stages && { stages: wish.stages }) };
  const content = {
    buildToken: '',
    nonce: '',
    secrets: [],
    refusedSecrets: [],
    credential: null,
    ...wish.content,
  };
  const mask = maskOf(content);
  const written = new Map<number, Buffer[]>();
  const logs = new LogStreamer(
    (chunks) => {
      for (const { step, data } of chunks)
        written.set(step, [...(written.get(step) ?? []), Buffer.from(data, 'base64')]);
      return Promise.resolve(true);
    },
    { clock, mask, capBytes: 1024 * 1024 },
  );
  const reports = new Map<number, StepReport>();
  const board =
    wish.board ??
    new StepBoard(
      pipeline,
      (steps) => Promise.resolve(steps.forEach((one) => reports.set(one.number, one))),
      { clock, mask },
    );
  const ledger = await BuildLedger.open(path);
  const workspace = await Workspace.create(`${path}/workspaces-${randomUUID()}`, head.build);
  await ledger.begin(head.build, workspace.root);
  const { executor } = wish;
  const site = {
    workspaceDir: path,
    searchPath: process.env.PATH ?? '',
    gitCaFile: null,
    banner: [],
    logCapBytes: 1024 * 1024,
    artifactCapBytes: 1024 * 1024,
    uploader: wish.uploader ?? { upload: () => Promise.resolve(null) },
    executor: typeof executor === 'function' ? executor(ledger) : executor,
    ledger,
    reports: new Reports(new Uplink(clock)),
    clock,
    logger: silentLogger,
  };
  const control = new BuildControl(clock);
  const outputs = new BuildOutputs(mask);
  const scene = { site, head, content, pipeline, workspace, control, mask, outputs, board, logs };
  return {
    scene,
    log: async (number) => {
      await logs.drain();
      return Buffer.concat(written.get(number + 1) ?? []).toString();
    },
    step: async (number) => {
      await board.settled();
      return reports.get(number + 1);
    },
  };
}

/** Where steps find their build's directories when nothing hides the machine's paths. */
export function pathsOf({ source, home, temporary, outputs }: Workspace): StepPaths {
  return { source, home, temporary, outputs, search: process.env.PATH ?? '' };
}
