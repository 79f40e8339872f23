import type { CompiledStep } from '../../pipeline/index.js';
import { collectArtifacts } from '../artifacts/collect-artifacts.js';
import type { BuildScene } from './build-scene.js';
import { clearOutputs, readOutputs } from './read-outputs.js';
import { boardNumber } from './step-board.js';
import { StepControl, type StepStop } from './step-control.js';
import { stepEnvironment } from './step-environment.js';
import type { StepLog } from './step-log.js';
import { endOf, type StepOutcome } from './step-outcome.js';
import { judgeRetry } from './step-retry.js';
import { secretsOf } from './step-secrets.js';
import { findDirectory } from './working-directory.js';

/** Runs the steps of one build, one or several at a time. */
export class StepRunner {
  readonly #scene: BuildScene;
  readonly #running = new Set<StepControl>();
  #halted: StepStop | null = null;

  constructor(scene: BuildScene) {
    this.#scene = scene;
  }

  /** Runs a step, again if it fails and may; reports it and answers how its last run went. */
  async run(step: CompiledStep): Promise<StepOutcome> {
    const { board, logs, content } = this.#scene;
    const number = boardNumber(step.number);
    const log = logs.step(number);
    board.start(number);
    const secrets = secretsOf(step, content);
    for (const notice of secrets.notices) await log.line(notice);
    const outcome = await this.#runUntilDone(step, log, secrets.environment);
    const end = endOf(outcome);
    const { workspace, outputs, control } = this.#scene;
    const notices = await readOutputs(workspace, step.number, outputs);
    for (const notice of [...notices, ...(end.error ? [end.error] : [])])
      await log.line(`[slipway: ${notice}]`);
    if (!control.order) await this.#keepArtifacts(step, log);
    await log.flush();
    board.end(number, end);
    return outcome;
  }

  /** Also of a step that has failed: its reports are then what people look for. */
  async #keepArtifacts(step: CompiledStep, log: StepLog): Promise<void> {
    const { site, head, content, workspace, mask, control } = this.#scene;
    if (step.artifacts === undefined || step.artifacts.length === 0) return;
    const notices = collectArtifacts({
      checkout: workspace.source,
      globs: step.artifacts,
      owner: { buildId: head.build, token: content.buildToken },
      step: boardNumber(step.number),
      mask,
      capBytes: site.artifactCapBytes,
      uploader: site.uploader,
      signal: control.stop,
    });
    for await (const notice of notices) await log.line(`[slipway: ${notice}]`);
  }

  /** Ends what runs, and lets nothing begin, since nothing of it can count any more. */
  halt(reason: string): void {
    this.#halted ??= { kind: 'HALTED', reason, graceMs: this.#graceMs };
    for (const control of this.#running) control.end(this.#halted);
  }

  /** From asking a step to end to killing it. */
  get #graceMs(): number {
    return this.#scene.head.deadlines.cancelGraceMs;
  }

  async #runUntilDone(
    step: CompiledStep,
    log: StepLog,
    secrets: Readonly<Record<string, string>>,
  ): Promise<StepOutcome> {
    for (let run = 1; ; run += 1) {
      const outcome = await this.#runOnce(step, log, secrets);
      const verdict = judgeRetry(step, run, outcome);
      if (!verdict.again) return outcome;
      await log.line(verdict.notice);
      if (!(await this.#pause(verdict.pauseMs))) return outcome;
    }
  }

  /** False when the build is ended meanwhile. */
  async #pause(ms: number): Promise<boolean> {
    const { site, control } = this.#scene;
    if (ms > 0) await site.clock.sleep(ms, control.stop).catch(() => undefined); // Ended: the answer says so.
    return !control.stop.aborted;
  }

  async #runOnce(
    step: CompiledStep,
    log: StepLog,
    secrets: Readonly<Record<string, string>>,
  ): Promise<StepOutcome> {
    const { site, head, workspace, control: build } = this.#scene;
    const directory = await findDirectory(workspace.source, step.workingDirectory);
    if (directory.kind === 'REFUSED') return directory;
    if (this.#halted) return this.#halted;
    await clearOutputs(workspace, step.number);
    const control = new StepControl(build, site.clock);
    this.#running.add(control);
    if (step.timeoutMs !== undefined) control.endAfter(step.timeoutMs, this.#graceMs);
    try {
      const exit = await site.executor.run({
        build: head.build,
        workspace,
        step,
        directory: directory.path,
        environment: stepEnvironment(step, { head, paths: site.executor.pathsOf(workspace), secrets }),
        output: (bytes) => log.write(bytes),
        control,
      });
      const exitCode = exit.kind === 'EXITED' ? exit.code : null;
      if (build.order) return { kind: 'STOPPED', order: build.order, exitCode };
      return exit.kind === 'NOT_STARTED' ? exit : (control.order ?? exit);
    } finally {
      control.close();
      this.#running.delete(control);
    }
  }
}
