import { ValidationError } from '../../base/errors.js';
import type { CompiledPipeline, CompiledStep } from '../../pipeline/index.js';

/** A stage with its steps, in their order. */
export interface StagePlan {
  readonly name: string;
  /** Names of the stages that must have ended before it starts. */
  readonly needs: readonly string[];
  /** What becomes of stages that it does not need is nothing to it. */
  readonly independent: boolean;
  readonly steps: readonly CompiledStep[];
}

/**
 * The stages of a pipeline; one without stages is a single one. Throws a ValidationError for a step of no stage, for a
 * need of no stage and for stages that wait for each other: whoever runs the plan would wait with them.
 */
export function planStages({ stages, steps }: CompiledPipeline): readonly StagePlan[] {
  if (stages === undefined) return [{ name: '', needs: [], independent: false, steps }];
  const names = new Set(stages.map(({ name }) => name));
  if (names.size < stages.length) throw invalid([...names], 'stages with names of their own');
  for (const { name, stage } of steps) {
    if (stage === undefined || !names.has(stage)) throw invalid(stage ?? null, `the stage of step ${name}`);
  }
  for (const { name, needs } of stages) {
    const unknown = needs.find((need) => !names.has(need));
    if (unknown !== undefined) throw invalid(unknown, `a stage that ${name} can need`);
  }
  const plans = stages.map((stage) => ({
    ...stage,
    steps: steps.filter((step) => step.stage === stage.name),
  }));
  const waiting = endlessWaiters(plans);
  if (waiting.length > 0) throw invalid(waiting, 'stages that do not wait for each other');
  return plans;
}

/** Names of the stages that never start: those in a circle of needs, and whoever waits for them. */
function endlessWaiters(plans: readonly StagePlan[]): string[] {
  const ended = new Set<string>();
  let waiting = plans;
  for (let before = Infinity; waiting.length < before;) {
    before = waiting.length;
    for (const { name, needs } of waiting) if (needs.every((need) => ended.has(need))) ended.add(name);
    waiting = waiting.filter(({ name }) => !ended.has(name));
  }
  return waiting.map(({ name }) => name);
}

function invalid(value: unknown, expected: string): ValidationError {
  return ValidationError.of('pipeline.stages', value, expected);
}
