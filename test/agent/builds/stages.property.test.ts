import assert from 'node:assert/strict';
import fc from 'fast-check';
import { runPipelineSteps } from '../../../src/agent/builds/pipeline-steps.js';
import { StepBoard, type StepEnd } from '../../../src/agent/builds/step-board.js';
import { Mask } from '../../../src/agent/masking/mask.js';
import type { Executor, StepExecution, StepExit } from '../../../src/agent/executor/executor.js';
import type { CompiledStage, CompiledStep } from '../../../src/pipeline/index.js';
import { ManualClock } from '../support/manual-clock.js';
import { pathsOf, sceneOf } from '../support/scene.js';
import { useScratch } from '../support/scratch.js';
import { stepOf } from '../support/step.js';

/** A step that knows how it will go. */
interface PlannedStep {
  readonly fails: boolean;
  readonly continue: boolean;
  readonly status: readonly ('success' | 'failure')[] | null;
}

interface PlannedStage {
  readonly independent: boolean;
  /** Stages before it, as their distance; whatever is beyond the first stage is no need. */
  readonly needs: readonly number[];
  readonly steps: readonly PlannedStep[];
}

type Happening =
  | { readonly kind: 'START' | 'SKIP'; readonly step: number }
  | { readonly kind: 'END'; readonly step: number; readonly failed: boolean };

const anyStep: fc.Arbitrary<PlannedStep> = fc.record({
  fails: fc.boolean(),
  continue: fc.boolean(),
  status: fc.constantFrom(
    null,
    null,
    null,
    ['success'] as const,
    ['failure'] as const,
    ['success', 'failure'] as const,
  ),
});

const anyStages = fc.array(
  fc.record<PlannedStage>({
    independent: fc.boolean(),
    needs: fc.uniqueArray(fc.integer({ min: 1, max: 6 }), { maxLength: 3 }),
    steps: fc.array(anyStep, { minLength: 1, maxLength: 3 }),
  }),
  { minLength: 1, maxLength: 8 },
);

/** What happens to steps, in its order. */
class Chronicle extends StepBoard {
  readonly happenings: Happening[] = [];

  override start(number: number): void {
    this.happenings.push({ kind: 'START', step: number - 1 });
    super.start(number);
  }

  override end(number: number, end: StepEnd): void {
    const step = number - 1;
    if (end.status === 'SKIPPED') this.happenings.push({ kind: 'SKIP', step });
    else this.happenings.push({ kind: 'END', step, failed: end.status !== 'SUCCESS' });
    super.end(number, end);
  }
}

/** The rules as the documentation has them, judged anew from all that happened before. */
class Oracle {
  readonly #before: Happening[] = [];

  constructor(
    private readonly stages: readonly CompiledStage[],
    private readonly steps: readonly CompiledStep[],
  ) {}

  /** Checks that a happening may come now. */
  check(happening: Happening): void {
    const step = this.#step(happening.step);
    if (happening.kind !== 'END') {
      assert.ok(!this.#before.some((one) => one.step === happening.step), `${step.name} comes once`);
      this.#checkOrder(step);
      const status = this.#hasFailed(step) ? 'failure' : 'success';
      const runs = step.ruleset.status?.includes(status) ?? status === 'success';
      assert.equal(happening.kind, runs ? 'START' : 'SKIP', `${step.name} of ${step.stage} at ${status}`);
    }
    this.#before.push(happening);
  }

  /** Whatever comes before it in its stage, and all of what the stage needs, is over. */
  #checkOrder({ number, name, stage }: CompiledStep): void {
    const needs = this.#closure(stage!);
    for (const other of this.steps) {
      const isEarlier = other.stage === stage ? other.number < number : needs.has(other.stage!);
      if (isEarlier)
        assert.ok(this.#isOver(other), `${other.name} of ${other.stage} is over before ${name} of ${stage}`);
    }
  }

  #isOver({ number }: CompiledStep): boolean {
    return this.#before.some(({ kind, step }) => step === number && kind !== 'START');
  }

  #hasFailed({ stage }: CompiledStep): boolean {
    const { independent } = this.stages.find(({ name }) => name === stage)!;
    const seen = this.#closure(stage!).add(stage!);
    return this.#before.some((one) => {
      const step = this.#step(one.step);
      if (one.kind === 'END')
        return one.failed && !step.ruleset.continue && (!independent || seen.has(step.stage!));
      // A stage whose step was left out since something had failed is none on which another can build.
      const isLeftOut = one.kind === 'SKIP' && (step.ruleset.status?.includes('success') ?? true);
      return independent && isLeftOut && seen.has(step.stage!);
    });
  }

  #closure(name: string): Set<string> {
    const { needs } = this.stages.find((stage) => stage.name === name)!;
    return new Set(needs.flatMap((need) => [need, ...this.#closure(need)]));
  }

  #step(number: number): CompiledStep {
    return this.steps[number - 1]!;
  }
}

describe('stages', () => {
  const scratch = useScratch();

  it('keep the order of their needs, run nothing twice, come to an end and obey the rules, in whatever order steps end', async () => {
    await fc.assert(
      fc.asyncProperty(anyStages, fc.boolean(), fc.scheduler(), async (planned, isReversed, scheduler) => {
        const { steps, outcomes, ...compiled } = compile(planned);
        const stages = isReversed ? compiled.stages.toReversed() : compiled.stages;
        const executor: Executor = {
          driver: 'test',
          notices: () => [],
          pathsOf,
          prepare: () => Promise.resolve(),
          release: () => Promise.resolve(true),
          run: ({ step }: StepExecution): Promise<StepExit> =>
            scheduler.schedule(
              Promise.resolve({ kind: 'EXITED', code: outcomes[step.number - 1]!.fails ? 3 : 0 }),
            ),
        };
        const clock = new ManualClock();
        const board = new Chronicle(
          { version: '1', clone: false, labels: {}, environment: {}, steps, skipped: [], warnings: [] },
          () => Promise.resolve(),
          { clock, mask: new Mask([]) },
        );
        const { scene } = await sceneOf({ path: scratch.path, steps, stages, clock, executor, board });
        const verdict = await scheduler.waitFor(runPipelineSteps(scene));

        const oracle = new Oracle(stages, steps);
        for (const happening of board.happenings) oracle.check(happening);
        const over = board.happenings.filter(({ kind }) => kind !== 'START');
        assert.equal(over.length, steps.length, 'every step is over');
        const failure = board.happenings.find(
          (one) => one.kind === 'END' && one.failed && !outcomes[one.step - 1]!.continue,
        );
        const expected = failure
          ? `step ${steps[failure.step - 1]!.name} failed: it ended with exit code 3`
          : undefined;
        assert.equal('error' in verdict ? verdict.error : undefined, expected);
      }),
      { numRuns: 200 },
    );
  });
});

function compile(planned: readonly PlannedStage[]) {
  const stages = planned.map(({ independent, needs }, index) => ({
    name: `stage ${index}`,
    independent,
    needs: needs.flatMap((distance) => (distance <= index ? [`stage ${index - distance}`] : [])),
  }));
  const outcomes = planned.flatMap(({ steps }) => steps);
  const owners = planned.flatMap(({ steps }, index) => steps.map(() => `stage ${index}`));
  const steps = outcomes.map(({ continue: goesOn, status }, index): CompiledStep => ({
    ...stepOf(['true']),
    number: index + 1,
    name: `s${index + 1}`,
    stage: owners[index]!,
    ruleset: { continue: goesOn, ...(status && { status }) },
  }));
  return { stages, steps, outcomes };
}
