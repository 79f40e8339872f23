import type { RuleKey } from './facts.js';
import type { Pattern } from './pattern.js';

/** How the rules of a clause combine. */
export const Operator = { AND: 'and', OR: 'or' } as const;
export type Operator = (typeof Operator)[keyof typeof Operator];

/** One key of a clause: it matches if any pattern matches any value. */
export interface Rule {
  readonly key: RuleKey;
  readonly patterns: readonly Pattern[];
}

export interface Clause {
  readonly operator: Operator;
  readonly rules: readonly Rule[];
}

/** When a step runs. `unless` is asked first; an empty `if` always holds, an empty `unless` never. */
export interface Ruleset {
  readonly if: Clause;
  readonly unless: Clause;
  /** True: the step's failure does not fail the build. */
  readonly continue: boolean;
}

/** The ruleset of a step that has none. */
export const emptyRuleset: Ruleset = {
  if: { operator: Operator.AND, rules: [] },
  unless: { operator: Operator.AND, rules: [] },
  continue: false,
};
