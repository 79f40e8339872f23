import { DomainError, ErrorCode } from '../base/errors.js';
import type { CompiledPipeline, CompiledStep, SkippedStep } from './compiled.js';
import { explainPipeline, type StepExplanation } from './explain-pipeline.js';
import { limits } from './limits.js';
import type { Environment, Pipeline } from './pipeline.js';
import type { RuleFacts } from './rules/facts.js';

/** What is to be run for a change, or why nothing is. */
export type CompileOutcome =
  | {
      readonly kind: 'COMPILED';
      readonly pipeline: CompiledPipeline;
      readonly warnings: readonly string[];
    }
  | {
      readonly kind: 'SKIPPED';
      readonly reason: string;
      readonly skipped: readonly SkippedStep[];
      readonly warnings: readonly string[];
    };

/**
 * Applies the rules of a pipeline to a change. The same input gives the same bytes. Throws a DomainError TOO_LARGE
 * when the rules would take too long on this change, or the steps are too large to travel.
 */
export function compilePipeline(pipeline: Pipeline, facts: RuleFacts): CompileOutcome {
  const explained = explainPipeline(pipeline, facts);
  const { warnings } = pipeline;
  const skipped = explained
    .filter((entry) => !entry.runs)
    .map(({ step, reason }) => ({ step: step.name, reason }));
  const left = explained.filter((entry) => entry.runs);
  if (left.length === 0) {
    return { kind: 'SKIPPED', reason: 'no step is left after the rules', skipped, warnings };
  }
  const environment = pipeline.sharesEnvironment ? pipeline.environment : {};
  assertPortable(left, environment);
  const compiled: CompiledPipeline = {
    version: pipeline.version,
    clone: pipeline.clone,
    ...(pipeline.worker.target === null ? {} : { target: pipeline.worker.target }),
    labels: pipeline.worker.labels,
    environment,
    steps: left.map((entry, index) => compileStep(entry, { number: index + 1, environment })),
    skipped,
    warnings,
  };
  return { kind: 'COMPILED', pipeline: compiled, warnings };
}

/** Refuses what no build package should carry. Says so before the texts are put together. */
function assertPortable(left: readonly StepExplanation[], environment: Environment): void {
  const lengths = left.map(({ step }) => {
    const variables = Object.entries({ ...environment, ...step.environment }).flat();
    return [...step.commands, ...variables].reduce((sum, text) => sum + text.length, 0);
  });
  const length = lengths.reduce((sum, of) => sum + of, 0);
  if (length <= limits.compiledLength) return;
  throw new DomainError(
    ErrorCode.TOO_LARGE,
    `the steps with their environments have ${length} characters, expected at most ${limits.compiledLength}`,
    { length, limit: limits.compiledLength },
  );
}

function compileStep(
  { step, statuses }: StepExplanation,
  context: { readonly number: number; readonly environment: Environment },
): CompiledStep {
  return {
    number: context.number,
    name: step.name,
    ...(step.image === null ? {} : { image: step.image }),
    commands: step.commands,
    environment: sorted({ ...context.environment, ...step.environment }),
    ruleset: {
      ...(statuses === null ? {} : { status: statuses }),
      continue: step.ruleset.continue,
    },
  };
}

function sorted(environment: Environment): Environment {
  return Object.fromEntries(Object.entries(environment).sort(([a], [b]) => (a < b ? -1 : 1)));
}
