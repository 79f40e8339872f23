import { BuildStatus, buildStatuses, factValues, type RuleFacts, type RuleKey } from './facts.js';
import { Operator, type Clause, type Rule, type Ruleset } from './ruleset.js';

/** How one rule of a ruleset went. */
export interface RuleJudgement {
  readonly clause: 'if' | 'unless';
  readonly key: RuleKey;
  readonly patterns: readonly string[];
  /** What the patterns were tried on; empty when the change has nothing of the kind. */
  readonly values: readonly string[];
  /** Null: known at run time only. */
  readonly matched: boolean | null;
  /** The first pattern that matched. */
  readonly by: string | null;
}

/** Whether a step runs, and why. */
export interface RulesetVerdict {
  /** False: the step is out, whatever the build's status will be. */
  readonly runs: boolean;
  /** The statuses at which it runs; null without a status rule: then it runs while nothing has failed. */
  readonly statuses: readonly BuildStatus[] | null;
  readonly why: readonly RuleJudgement[];
  /** One sentence for people. */
  readonly reason: string;
}

/**
 * Judges a ruleset by all that is known. A status rule is settled by trying each status, so that what a compiled step
 * keeps of its rules is exact: asking again at run time with all facts gives the same answer.
 */
export function judgeRuleset(ruleset: Ruleset, facts: RuleFacts): RulesetVerdict {
  const values = factValues(facts);
  const judged = [
    ...ruleset.if.rules.map((rule) => judgeRule('if', rule, values[rule.key])),
    ...ruleset.unless.rules.map((rule) => judgeRule('unless', rule, values[rule.key])),
  ];
  const statuses = statusesOf(ruleset, judged);
  const runs = statuses === null ? holds(ruleset, judged, false) : statuses.length > 0;
  const why = judged.map(({ onStatus: _, ...judgement }) => judgement);
  const verdict = { runs: runs && isWanted(statuses, facts.status), statuses, why };
  return { ...verdict, reason: explain(ruleset, verdict) };
}

/**
 * True when a compiled step runs while the build has this status. Without a status rule of its own a step runs only
 * while nothing has failed.
 */
export function runsAtStatus(
  step: { readonly ruleset: { readonly status?: readonly BuildStatus[] | undefined } },
  status: BuildStatus,
): boolean {
  return step.ruleset.status?.includes(status) ?? status === BuildStatus.SUCCESS;
}

interface Judged extends RuleJudgement {
  /** Whether the rule matches at a status; the same for every one of them unless it is a status rule. */
  readonly onStatus: (status: BuildStatus) => boolean;
}

function judgeRule(clause: 'if' | 'unless', rule: Rule, values: readonly string[]): Judged {
  const patterns = rule.patterns.map((pattern) => pattern.text);
  const by = rule.patterns.find((pattern) => values.some((value) => pattern.matches(value)))?.text ?? null;
  const isOpen = rule.key === 'status' && values.length === 0;
  const onStatus = (status: BuildStatus): boolean =>
    rule.key === 'status' ? rule.patterns.some((pattern) => pattern.matches(status)) : by !== null;
  return { clause, key: rule.key, patterns, values, matched: isOpen ? null : by !== null, by, onStatus };
}

function statusesOf(ruleset: Ruleset, judged: readonly Judged[]): readonly BuildStatus[] | null {
  if (!judged.some((rule) => rule.key === 'status')) return null;
  return buildStatuses.filter((status) => holds(ruleset, judged, status));
}

/** `status` is false when no rule asks for one. */
function holds(ruleset: Ruleset, judged: readonly Judged[], status: BuildStatus | false): boolean {
  const matches = (rule: Judged): boolean => rule.onStatus(status === false ? BuildStatus.SUCCESS : status);
  const of = (clause: 'if' | 'unless'): Judged[] => judged.filter((rule) => rule.clause === clause);
  const unless = of('unless');
  if (unless.length > 0 && combine(ruleset.unless, unless.map(matches))) return false;
  return ruleset.if.rules.length === 0 || combine(ruleset.if, of('if').map(matches));
}

function combine(clause: Clause, matches: readonly boolean[]): boolean {
  return clause.operator === Operator.AND ? matches.every(Boolean) : matches.some(Boolean);
}

function isWanted(statuses: readonly BuildStatus[] | null, status: BuildStatus | undefined): boolean {
  if (status === undefined) return true;
  return runsAtStatus({ ruleset: { status: statuses ?? undefined } }, status);
}

function explain(ruleset: Ruleset, verdict: Omit<RulesetVerdict, 'reason'>): string {
  if (verdict.why.length === 0) return verdict.runs ? 'it has no rules' : 'something has failed';
  const { why, statuses, runs } = verdict;
  if (runs)
    return statuses === null ? 'its rules match' : `its rules match at status ${statuses.join(' or ')}`;
  const unless = why.filter((rule) => rule.clause === 'unless');
  const isBarred =
    unless.length > 0 &&
    combine(
      ruleset.unless,
      unless.map((rule) => rule.matched === true),
    );
  const decisive = isBarred
    ? unless.filter((rule) => rule.matched === true)
    : why.filter((rule) => rule.clause === 'if' && rule.matched !== true);
  return decisive.length === 0 ? 'its rules match at no such status' : decisive.map(describeRule).join('; ');
}

function describeRule(rule: RuleJudgement): string {
  if (rule.matched === true) return `unless: ${rule.key} matches ${JSON.stringify(rule.by)}`;
  const patterns = rule.patterns.slice(0, 5).map((pattern) => JSON.stringify(pattern));
  const more = rule.patterns.length > 5 ? ', …' : '';
  return `${rule.key} ${describeValues(rule.values)} does not match ${patterns.join(', ')}${more}`;
}

function describeValues(values: readonly string[]): string {
  if (values.length === 0) return '(none)';
  const [first = ''] = values;
  return JSON.stringify(first.slice(0, 80)) + (values.length > 1 ? ` and ${values.length - 1} more` : '');
}
