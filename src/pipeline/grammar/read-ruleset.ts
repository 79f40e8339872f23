import { emptyRuleset, Operator, type Clause, type Rule, type Ruleset } from '../rules/ruleset.js';
import { ruleKeys } from '../rules/facts.js';
import { Matcher } from '../rules/pattern.js';
import { clauseKeys, rulesetKeys } from './keys.js';
import { readMap, type Fields } from './read-map.js';
import { readRule } from './read-rule.js';
import { readChoice, readFlag } from './read-values.js';
import type { Field, Reading } from './reading.js';

/** How rules are read and combined; a clause takes the ruleset's where it says nothing itself. */
interface Mode {
  readonly operator: Operator;
  readonly matcher: Matcher;
}

/** The ruleset of a step. Rules at its top belong to `if`. */
export function readRuleset(field: Field | undefined, reading: Reading): Ruleset {
  if (field === undefined) return emptyRuleset;
  const fields = readMap(field, rulesetKeys, reading);
  const mode = readMode(fields, { operator: Operator.AND, matcher: Matcher.FILEPATH }, reading);
  const top = readRules(fields, mode, reading);
  const ifField = fields.get('if');
  const nested = readClause(ifField, mode, reading);
  refuseDoubles(top, ifField, nested, reading);
  const continues = fields.get('continue');
  return {
    if: { operator: nested.operator, rules: inOrder([...top, ...nested.rules]) },
    unless: readClause(fields.get('unless'), mode, reading),
    continue: continues !== undefined && readFlag(continues, reading) === true,
  };
}

function readClause(field: Field | undefined, outer: Mode, reading: Reading): Clause {
  if (field === undefined) return { operator: outer.operator, rules: [] };
  const fields = readMap(field, clauseKeys, reading);
  const mode = readMode(fields, outer, reading);
  return { operator: mode.operator, rules: inOrder(readRules(fields, mode, reading)) };
}

function readMode(fields: Fields, outer: Mode, reading: Reading): Mode {
  const operator = fields.get('operator');
  const matcher = fields.get('matcher');
  return {
    operator: (operator && readChoice(operator, Object.values(Operator), reading)) ?? outer.operator,
    matcher: (matcher && readChoice(matcher, Object.values(Matcher), reading)) ?? outer.matcher,
  };
}

function readRules(fields: Fields, mode: Mode, reading: Reading): readonly Rule[] {
  return ruleKeys.flatMap((key) => {
    const field = fields.get(key);
    return field === undefined ? [] : [readRule(field, { key, matcher: mode.matcher }, reading)];
  });
}

/** Two rules of one key would have to be both or either; nobody could tell which was meant. */
function refuseDoubles(
  top: readonly Rule[],
  field: Field | undefined,
  nested: Clause,
  reading: Reading,
): void {
  if (field === undefined) return;
  for (const rule of nested.rules.filter((inner) => top.some((outer) => outer.key === inner.key))) {
    const key = `${field.key}.${rule.key}`;
    const at = placeOf(field, rule.key);
    reading.log.refuse({
      at,
      key,
      value: rule.key,
      expected: `"${rule.key}" at the top or under "if", not both`,
    });
  }
}

function placeOf(field: Field, key: string): Field['keyAt'] {
  const entries = field.node.kind === 'map' ? field.node.entries : [];
  return entries.find((entry) => entry.key === key)?.keyAt ?? field.keyAt;
}

function inOrder(rules: readonly Rule[]): readonly Rule[] {
  return [...rules].sort((a, b) => ruleKeys.indexOf(a.key) - ruleKeys.indexOf(b.key));
}
