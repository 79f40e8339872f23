import { Dialect } from '../pipeline.js';
import { knownEventNames } from '../rules/events.js';
import { buildStatuses, type RuleKey } from '../rules/facts.js';
import type { Matcher, Pattern } from '../rules/pattern.js';
import type { Rule } from '../rules/ruleset.js';
import { readSome, readText } from './read-values.js';
import { refuse, type Field, type Reading } from './reading.js';

/** The patterns of one key of a ruleset, compiled; bad ones are refused where they stand. */
export function readRule(
  field: Field,
  mode: { readonly key: RuleKey; readonly matcher: Matcher },
  reading: Reading,
): Rule {
  const read = (item: Field): Pattern | null => readPattern(item, mode, reading);
  return { key: mode.key, patterns: readSome(field, reading, { expected: 'at least one pattern', read }) };
}

function readPattern(
  item: Field,
  { key, matcher }: { readonly key: RuleKey; readonly matcher: Matcher },
  reading: Reading,
): Pattern | null {
  const text = readText(item, reading, 'a pattern');
  if (text === null) return null;
  const outcome = reading.patterns.compile(text, matcher);
  if (!outcome.ok) {
    refuse(item, outcome.expected, reading);
    return null;
  }
  if (outcome.pattern.isLiteral) checkWord(item, { key, text }, reading);
  return outcome.pattern;
}

/** A plain word that names no event or status would never match: a typing error, or something that only Vela has. */
function checkWord(
  item: Field,
  rule: { readonly key: RuleKey; readonly text: string },
  reading: Reading,
): void {
  const words = wordsOf(rule.key);
  if (words === null || words.includes(rule.text)) return;
  if (reading.dialect === Dialect.VELA) {
    const text = `"${rule.text}" is no ${rule.key} of Slipway and never matches`;
    reading.log.warn({ at: item.node.at, key: item.key, text });
  } else {
    refuse(
      item,
      `a known ${rule.key}${reading.suggestions.didYouMean(rule.text, words)} (known: ${words.join(', ')})`,
      reading,
    );
  }
}

function wordsOf(key: RuleKey): readonly string[] | null {
  if (key === 'event') return knownEventNames;
  return key === 'status' ? buildStatuses : null;
}
