import type { CompiledStep } from './compiled.js';
import type { StepExplanation } from './explain-pipeline.js';
import type { Environment, PipelineStep } from './pipeline.js';

/** A step that the rules left, with all of its variables; keys in the order in which they are written. */
export function compileStep(
  { step, statuses }: StepExplanation,
  context: { readonly number: number; readonly environment: Environment },
): CompiledStep {
  return {
    number: context.number,
    name: step.name,
    ...given('stage', step.stage),
    ...given('image', step.image),
    ...someOf('entrypoint', step.entrypoint),
    commands: step.commands,
    ...given('workingDirectory', step.workingDirectory),
    ...given('timeoutMs', step.timeoutMs),
    ...given('retry', step.retry),
    ...someOf('secrets', step.secrets),
    ...someOf('artifacts', step.artifacts),
    environment: environmentOf(step, context.environment),
    ruleset: { ...given('status', statuses), continue: step.ruleset.continue },
  };
}

/** All of a step's variables, sorted by name. */
function environmentOf(step: PipelineStep, shared: Environment): Environment {
  const variables = Object.entries({ ...shared, ...step.environment });
  return Object.fromEntries(variables.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A key that is absent where there is nothing to say. */
export function given<K extends string, T>(key: K, value: T | null): Partial<Record<K, T>> {
  return value === null ? {} : ({ [key]: value } as Partial<Record<K, T>>);
}

/** A list that is absent when it is empty. */
export function someOf<K extends string, T>(key: K, list: readonly T[]): Partial<Record<K, readonly T[]>> {
  return given(key, list.length === 0 ? null : list);
}
