import { DomainError, ErrorCode } from '../base/errors.js';
import { cut } from '../base/text.js';
import { compileSecrets } from './compile-secrets.js';
import { compileStep, given, someOf } from './compile-step.js';
import type { CompiledPipeline, CompiledStage, SkippedStep } from './compiled.js';
import { explainPipeline, servicesLeft, type StepExplanation } from './explain-pipeline.js';
import { limits } from './limits.js';
import type { Environment, Pipeline, PipelineService, PipelineStep } from './pipeline.js';
import { byPosition, type PipelineProblem } from './problems.js';
import type { RuleFacts } from './rules/facts.js';

/** What is to be run for a change, or why nothing is. */
export type CompileOutcome =
  | {
      readonly kind: 'COMPILED';
      readonly pipeline: CompiledPipeline;
      /** What no worker can do yet, of the parts that the rules leave: with any of it, there can be no build. */
      readonly obstacles: readonly PipelineProblem[];
      readonly services: readonly PipelineService[];
      /** Names of the templates in whose place steps would stand. */
      readonly unresolvedTemplates: readonly string[];
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
 * when the rules would take too long on this change, or the steps are too large to travel, and a PipelineError for
 * secrets of other repos.
 */
export function compilePipeline(pipeline: Pipeline, facts: RuleFacts): CompileOutcome {
  const explained = explainPipeline(pipeline, facts);
  const { warnings } = pipeline;
  const skipped = explained
    .filter((entry) => !entry.runs)
    .map(({ step, reason }) => ({ step: step.name, reason: cut(reason, limits.reasonLength) }));
  const left = explained.filter((entry) => entry.runs);
  if (left.length === 0 && pipeline.templates.length === 0) {
    return { kind: 'SKIPPED', reason: 'no step is left after the rules', skipped, warnings };
  }
  const compiled = compileLeft(pipeline, { left, skipped, repo: facts.repo });
  const services = servicesLeft(pipeline, facts);
  const steps = left.map(({ step }) => step);
  return {
    kind: 'COMPILED',
    pipeline: compiled,
    obstacles: findObstacles(pipeline, compiled, [...services, ...steps]),
    services,
    unresolvedTemplates: [...new Set([...pipeline.templates, ...templatesOf(steps)])],
    warnings,
  };
}

function compileLeft(
  pipeline: Pipeline,
  change: {
    readonly left: readonly StepExplanation[];
    readonly skipped: readonly SkippedStep[];
    readonly repo: string;
  },
): CompiledPipeline {
  const environment = pipeline.sharesEnvironment ? pipeline.environment : {};
  assertPortable(change.left, environment);
  const left = change.left.filter(({ step }) => step.template === null);
  const steps = left.map(({ step }) => step);
  return {
    version: pipeline.version,
    clone: pipeline.clone,
    ...given('target', pipeline.worker.target),
    labels: pipeline.worker.labels,
    environment,
    steps: left.map((entry, index) => compileStep(entry, { number: index + 1, environment })),
    ...given('stages', pipeline.stages && stagesLeft(pipeline.stages, steps)),
    ...someOf('secrets', compileSecrets(pipeline, { steps, repo: change.repo })),
    ...given('timeoutMs', pipeline.timeoutMs),
    ...given('concurrency', pipeline.concurrency),
    skipped: change.skipped,
    warnings: pipeline.warnings,
  };
}

/** A stage that the rules emptied is gone: whoever needs it need not wait, and what it needed is not handed on. */
function stagesLeft(
  stages: readonly CompiledStage[],
  steps: readonly PipelineStep[],
): readonly CompiledStage[] {
  const names = new Set(steps.map(({ stage }) => stage));
  return stages
    .filter(({ name }) => names.has(name))
    .map((stage) => ({ ...stage, needs: stage.needs.filter((need) => names.has(need)) }));
}

function templatesOf(steps: readonly PipelineStep[]): string[] {
  return steps.flatMap(({ template }) => (template === null ? [] : [template]));
}

function findObstacles(
  pipeline: Pipeline,
  compiled: CompiledPipeline,
  left: readonly (PipelineStep | PipelineService)[],
): readonly PipelineProblem[] {
  const named = new Set(compiled.secrets?.map(({ name }) => name));
  const secrets = pipeline.secrets.filter(({ name }) => named.has(name));
  return [pipeline, ...secrets, ...left].flatMap(({ obstacles }) => obstacles).sort(byPosition);
}

/**
 * Refuses what no build package should carry, before the texts are put together: 500 steps that share 20,000 variables
 * would be ten million. A variable that a step says anew counts twice.
 */
function assertPortable(left: readonly StepExplanation[], environment: Environment): void {
  const shared = lengthOf(Object.entries(environment).flat());
  const length = left.reduce((sum, { step }) => sum + shared + ownLength(step), 0);
  if (length <= limits.compiledLength) return;
  throw new DomainError(
    ErrorCode.TOO_LARGE,
    `the steps with their environments have ${length} characters, expected at most ${limits.compiledLength}`,
    { length, limit: limits.compiledLength },
  );
}

function ownLength({ commands, entrypoint, artifacts, secrets, environment }: PipelineStep): number {
  const named = secrets.flatMap(({ name, variable }) => [name, variable]);
  return lengthOf([
    ...commands,
    ...entrypoint,
    ...artifacts,
    ...named,
    ...Object.entries(environment).flat(),
  ]);
}

function lengthOf(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + text.length, 0);
}
