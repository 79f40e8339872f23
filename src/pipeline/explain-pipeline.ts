import type { Pipeline, PipelineStep } from './pipeline.js';
import { judgeRuleset, type RulesetVerdict } from './rules/judge-ruleset.js';
import { assertAffordable } from './rules/match-cost.js';
import type { RuleFacts } from './rules/facts.js';

/** Why a step is in or out, rule by rule. */
export interface StepExplanation extends RulesetVerdict {
  readonly step: PipelineStep;
}

/**
 * The verdict on every step of a pipeline, in the order of the file. Throws a DomainError TOO_LARGE when the rules
 * would take too long on this change.
 */
export function explainPipeline(pipeline: Pipeline, facts: RuleFacts): readonly StepExplanation[] {
  const rulesets = pipeline.steps.map((step) => step.ruleset);
  assertAffordable(rulesets, facts);
  return pipeline.steps.map((step) => ({ step, ...judgeRuleset(step.ruleset, facts) }));
}
