import { assertNever } from '../../base/assert-never.js';
import type { CompiledPipeline } from '../../pipeline/index.js';
import { type BuildResult, type ItemAnswer, type LogChunk, StepStatus } from '../../protocol/messages.js';
import type { Offer } from '../session/open-frame.js';
import type { Mask } from '../masking/mask.js';
import { maskOf } from '../masking/build-mask.js';
import { killBuild } from '../state/kill-build.js';
import { removeTree } from '../state/remove-tree.js';
import { BuildOutputs } from './build-outputs.js';
import { BuildControl, StopCause } from './build-control.js';
import { type BuildVerdict, resultOf } from './build-result.js';
import type { BuildScene } from './build-scene.js';
import type { BuildSite } from './build-site.js';
import { runClone } from './clone-step.js';
import { withDeadline } from './deadline.js';
import { runInit } from './init-step.js';
import { LogStreamer } from './log-streamer.js';
import { runPipelineSteps } from './pipeline-steps.js';
import { StepBoard } from './step-board.js';
import { Workspace } from './workspace.js';

/** How long the end of a build waits for its logs: a reader of the result should find them. */
const LOGS_FIRST_MS = 10_000;
/** How long the server takes log chunks of a build that has ended. */
const LOG_TAIL_MS = 30_000;
const ABANDON_GRACE_MS = 2_000;

/** An accepted offer and what the accept was answered with. */
export interface AcceptedBuild {
  readonly offer: Offer;
  readonly pipeline: CompiledPipeline;
  /** What was left at the accept until the server ends the build. */
  readonly hardDeadlineMs: number;
}

/** One build on this machine, from its accept to the server's word on its result. */
export class BuildRun {
  readonly control: BuildControl;
  readonly #accepted: AcceptedBuild;
  readonly #site: BuildSite;
  readonly #mask: Mask;
  readonly #outputs: BuildOutputs;
  readonly #logs: LogStreamer;
  readonly #board: StepBoard;

  constructor(accepted: AcceptedBuild, site: BuildSite) {
    this.#accepted = accepted;
    this.#site = site;
    this.control = new BuildControl(site.clock);
    this.#mask = maskOf(accepted.offer.content);
    this.#outputs = new BuildOutputs(this.#mask);
    const { clock, logCapBytes } = site;
    const mask = this.#mask;
    this.#logs = new LogStreamer((chunks) => this.#sendLogs(chunks), { clock, mask, capBytes: logCapBytes });
    this.#board = new StepBoard(accepted.pipeline, (steps) => this.#sendSteps(steps), { clock, mask });
  }

  /** Runs the build until nothing of it is left on the machine; null when nothing may be said of it any more. */
  async run(): Promise<BuildResult | null> {
    const { build } = this.#accepted.offer.head;
    const root = Workspace.rootOf(this.#site.workspaceDir, build);
    await this.#site.ledger.begin(build, root);
    const verdict = await this.#work();
    this.#endSteps();
    const result = resultOf(verdict, this.control.order, this.#mask);
    this.control.close();
    await this.#clear(root);
    if (this.#isAbandoned) return null;
    await this.#logs.flush();
    return { ...result, outputs: this.#outputs.list(), logs: this.#logs.lengths() };
  }

  /** Tells the server how the build ended, steps and logs first; resolves with its answer. */
  async report(result: BuildResult): Promise<ItemAnswer> {
    await this.#within(LOGS_FIRST_MS, Promise.all([this.#board.settled(), this.#logs.drain()]));
    return this.#site.reports.ends.send({ ...this.#credential(), result });
  }

  /** Resolves when the last of the logs are stored, or nobody takes them any more. */
  async deliverTail(): Promise<void> {
    await this.#within(LOG_TAIL_MS, this.#logs.drain());
    this.forget();
  }

  /** Nothing more is said of the build. */
  forget(): void {
    this.#logs.discard();
    this.#site.reports.forget(this.#accepted.offer.head.build);
  }

  get #isAbandoned(): boolean {
    return this.control.order?.cause === StopCause.ABANDONED;
  }

  /** A fault of the agent or the machine must still end the build with a result. */
  async #work(): Promise<BuildVerdict> {
    try {
      this.#hear(await this.#site.reports.starts.send(this.#credential()));
      const limitMs = this.#accepted.hardDeadlineMs;
      return await withDeadline({ limitMs, what: 'the build' }, this.#limits, () => this.#runAll());
    } catch (error) {
      this.#site.logger.error({ err: error, build: this.#accepted.offer.head.build }, 'a build broke');
      return { kind: 'EXECUTOR_ERROR', error: error instanceof Error ? error.message : String(error) };
    }
  }

  async #runAll(): Promise<BuildVerdict> {
    if (this.control.order) return { kind: 'SUCCEEDED' };
    const scene = await this.#makeScene();
    await runInit(scene);
    const clone = await runClone(scene);
    if (clone.kind === 'FAILED') return { kind: 'CLONE_FAILED', error: clone.error };
    const limitMs = scene.head.deadlines.runMs;
    return withDeadline({ limitMs, what: 'running the steps' }, this.#limits, () => runPipelineSteps(scene));
  }

  async #makeScene(): Promise<BuildScene> {
    const { offer, pipeline } = this.#accepted;
    const { head, content } = offer;
    const workspace = await Workspace.create(this.#site.workspaceDir, head.build);
    const parts = { site: this.#site, control: this.control, board: this.#board, logs: this.#logs };
    return { ...parts, head, content, pipeline, workspace, mask: this.#mask, outputs: this.#outputs };
  }

  get #limits(): { readonly control: BuildControl; readonly clock: BuildSite['clock'] } {
    return { control: this.control, clock: this.#site.clock };
  }

  #endSteps(): void {
    const isCanceled = this.control.order?.cause === StopCause.CANCELED;
    this.#board.endRest(isCanceled ? StepStatus.CANCELED : StepStatus.SKIPPED);
  }

  /** Whatever cannot be cleared away stays on record for the next start of the agent. */
  async #clear(root: string): Promise<void> {
    const { build } = this.#accepted.offer.head;
    try {
      if (!(await this.#site.executor.release(build))) return;
      if (!(await killBuild({ build, workspace: root, groups: [] }, this.#site.clock))) return;
      await removeTree(root);
      await this.#site.ledger.end(build);
    } catch (error) {
      this.#site.logger.error({ err: error, build }, 'the workspace of a build could not be removed');
    }
  }

  async #sendSteps(steps: Parameters<ConstructorParameters<typeof StepBoard>[1]>[0]): Promise<void> {
    if (this.#isAbandoned) return;
    this.#hear(await this.#site.reports.steps.send({ ...this.#credential(), steps }));
  }

  async #sendLogs(chunks: readonly LogChunk[]): Promise<boolean> {
    if (this.#isAbandoned) return false;
    const answer = await this.#site.reports.logs.send({ ...this.#credential(), chunks });
    this.#hear(answer);
    return answer.outcome === 'OK' || answer.outcome === 'CANCELED';
  }

  /** Every answer may say that the build is canceled, or not ours any more. */
  #hear({ outcome, status, message }: ItemAnswer): void {
    const { head } = this.#accepted.offer;
    const reason = message ?? status ?? outcome;
    switch (outcome) {
      case 'OK':
        return;
      case 'CANCELED':
        return this.control.end({
          cause: StopCause.CANCELED,
          reason: 'the job was canceled',
          graceMs: head.deadlines.cancelGraceMs,
        });
      case 'STALE_BUILD':
      case 'FORBIDDEN':
        return this.control.end({ cause: StopCause.ABANDONED, reason, graceMs: ABANDON_GRACE_MS });
      case 'INVALID':
        return this.#site.logger.error({ build: head.build, reason }, 'the server refused a report');
      default:
        return assertNever(outcome, 'outcome');
    }
  }

  #credential(): { readonly buildId: string; readonly token: string } {
    const { head, content } = this.#accepted.offer;
    return { buildId: head.build, token: content.buildToken };
  }

  async #within(limitMs: number, work: Promise<unknown>): Promise<void> {
    const over = new AbortController();
    const limit = this.#site.clock.sleep(limitMs, over.signal).catch(() => undefined);
    await Promise.race([work, limit]);
    over.abort();
  }
}
