import { DomainError, ErrorCode } from '../../base/errors.js';
import { limits } from '../limits.js';
import { factValues, type RuleFacts } from './facts.js';
import type { Ruleset } from './ruleset.js';

/**
 * Refuses a compilation whose rules could take minutes: many large patterns over thousands of paths. Throws a
 * DomainError TOO_LARGE. Linear matching alone does not bound the product.
 */
export function assertAffordable(rulesets: readonly Ruleset[], facts: RuleFacts): void {
  const cost = matchCost(rulesets, facts);
  if (cost <= limits.matchCost) return;
  throw new DomainError(
    ErrorCode.TOO_LARGE,
    `the rules of this pipeline cost ${cost} steps on this change, expected at most ${limits.matchCost}`,
    { cost, limit: limits.matchCost },
  );
}

function matchCost(rulesets: readonly Ruleset[], facts: RuleFacts): number {
  const values = factValues(facts);
  const lengthOf = (texts: readonly string[]): number =>
    texts.reduce((sum, text) => sum + text.length + 1, 0);
  const rules = rulesets.flatMap((ruleset) => [...ruleset.if.rules, ...ruleset.unless.rules]);
  const lengths = new Map(rules.map((rule) => [rule.key, lengthOf(values[rule.key])]));
  return rules.reduce((sum, rule) => {
    const size = rule.patterns.reduce((total, pattern) => total + pattern.size, 0);
    return sum + size * (lengths.get(rule.key) ?? 0);
  }, 0);
}
