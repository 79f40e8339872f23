import { BuildStatus, runsAtStatus, type CompiledStep } from '../../pipeline/index.js';
import type { BuildVerdict } from './build-result.js';
import type { StagePlan } from './stage-plan.js';

/** What has become of a build's steps so far, and what that means for those to come. */
export class BuildProgress {
  #verdict: BuildVerdict = { kind: 'SUCCEEDED' };
  /** Stages in which something failed or was left out for a failure, and those that need them. */
  readonly #unwell = new Set<string>();
  #isHalted = false;

  /** That of the first failure. */
  get verdict(): BuildVerdict {
    return this.#verdict;
  }

  /** Nothing more is to be started: the machine cannot run the steps. */
  get isHalted(): boolean {
    return this.#isHalted;
  }

  /** A stage starts: what it needs has ended. */
  begin({ name, needs }: StagePlan): void {
    if (needs.some((need) => this.#unwell.has(need))) this.#unwell.add(name);
  }

  /** Whether a step runs now. One that does not because something has failed makes its stage unwell. */
  admits(stage: StagePlan, step: CompiledStep): boolean {
    const status = this.#statusFor(stage);
    if (runsAtStatus(step, status)) return true;
    if (status === BuildStatus.FAILURE) this.#unwell.add(stage.name);
    return false;
  }

  /** A step failed; without a rule that lets the build go on, so did the build. */
  failed(stage: StagePlan, step: CompiledStep, verdict: BuildVerdict): void {
    if (step.ruleset.continue) return;
    this.#unwell.add(stage.name);
    this.#note(verdict);
  }

  /** A step could not be run, whatever its rules say: what is left would fare no better. */
  halt(verdict: BuildVerdict): void {
    this.#isHalted = true;
    this.#note(verdict);
  }

  /** Only an independent stage is blind to what failed beside it; what it needs is never beside it. */
  #statusFor({ name, independent }: StagePlan): BuildStatus {
    const hasFailed = independent ? this.#unwell.has(name) : this.#verdict.kind !== 'SUCCEEDED';
    return hasFailed ? BuildStatus.FAILURE : BuildStatus.SUCCESS;
  }

  #note(verdict: BuildVerdict): void {
    if (this.#verdict.kind === 'SUCCEEDED') this.#verdict = verdict;
  }
}
