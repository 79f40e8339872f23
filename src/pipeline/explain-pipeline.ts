import type { Pipeline, PipelineService, PipelineStep } from './pipeline.js';
import type { RuleFacts } from './rules/facts.js';
import { judgeRuleset, type RulesetVerdict } from './rules/judge-ruleset.js';
import { assertAffordable } from './rules/match-cost.js';

/** Why a step is in or out, rule by rule. */
export interface StepExplanation extends RulesetVerdict {
  readonly step: PipelineStep;
}

/**
 * The verdict on every step of a pipeline, in the order of the file. Throws a DomainError TOO_LARGE when the rules
 * would take too long on this change.
 */
export function explainPipeline(pipeline: Pipeline, facts: RuleFacts): readonly StepExplanation[] {
  assertAffordable(
    [...pipeline.steps, ...pipeline.services].map(({ ruleset }) => ruleset),
    facts,
  );
  return pipeline.steps.map((step) => ({ step, ...judgeRuleset(step.ruleset, facts) }));
}

/** The services that the rules leave. Call it after {@link explainPipeline}, which judges the cost of both. */
export function servicesLeft(pipeline: Pipeline, facts: RuleFacts): readonly PipelineService[] {
  return pipeline.services.filter(({ ruleset }) => judgeRuleset(ruleset, facts).runs);
}
