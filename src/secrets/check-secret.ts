import { ValidationError, type FieldProblem } from '../base/errors.js';
import { isStorable } from '../base/text.js';
import { knownEventNames, Matcher, PatternCompiler } from '../pipeline/index.js';
import { DEFAULT_BRANCH, refGlobOf, type SecretRules } from './secret-rules.js';
import { SecretScope } from './secret-scope.js';

/** Longest value, in bytes of UTF-8. */
export const MAX_VALUE_BYTES = 64 * 1024;

const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/;
const MAX_PATTERNS = 50;

/** What a caller says of a secret, as far as it can be checked without looking at rows. */
export interface SecretInput {
  readonly name: string;
  /** Null: as it is. */
  readonly value: string | null;
  /** What is not given stays as it is, or gets its default in a new secret. */
  readonly rules: Partial<SecretRules>;
  /** 0: there must be none yet. Null: whatever it is. */
  readonly expectedVersion: number | null;
}

/** Throws a ValidationError with everything that is wrong with an input. Never repeats the value. */
export function checkSecret(scope: SecretScope, { name, value, rules, expectedVersion }: SecretInput): void {
  const problems = [
    ...checkName(name),
    ...checkValue(value),
    ...checkEvents(rules.allowEvents),
    ...checkGlobs('allowImages', rules.allowImages),
    ...checkRepos(scope, rules.allowRepos),
    ...checkGlobs('allowRefs', rules.allowRefs, (rule) => refGlobOf(rule, DEFAULT_BRANCH)),
    ...checkVersion(expectedVersion),
  ];
  if (problems.length > 0) throw new ValidationError(problems);
}

function checkName(name: string): readonly FieldProblem[] {
  if (NAME.test(name)) return [];
  return problem('name', name, 'letters, digits, "_", "." and "-", at most 100, the first no "." or "-"');
}

function checkValue(value: string | null): readonly FieldProblem[] {
  if (value === null) return [];
  const bytes = Buffer.byteLength(value);
  if (bytes > 0 && bytes <= MAX_VALUE_BYTES && isStorable(value)) return [];
  return problem('value', `${bytes} bytes, not shown`, `text of 1 to ${MAX_VALUE_BYTES} bytes without NUL`);
}

function checkEvents(events: readonly string[] | undefined): readonly FieldProblem[] {
  if (events === undefined) return [];
  if (events.length === 0) return problem('allowEvents', '', 'at least one event');
  return events
    .filter((event) => !knownEventNames.includes(event))
    .flatMap((event) => problem('allowEvents', event, `one of ${knownEventNames.join(', ')}`));
}

function checkRepos(scope: SecretScope, repos: readonly string[] | undefined): readonly FieldProblem[] {
  if (scope !== SecretScope.REPO || repos === undefined || repos.length === 0)
    return checkGlobs('allowRepos', repos);
  return problem('allowRepos', repos, 'nothing: the secrets of a repo are for no other one');
}

function checkGlobs(
  field: string,
  globs: readonly string[] | undefined,
  globOf: (rule: string) => string = (rule) => rule,
): readonly FieldProblem[] {
  if (globs === undefined) return [];
  if (globs.length > MAX_PATTERNS)
    return problem(field, `${globs.length} patterns`, `at most ${MAX_PATTERNS}`);
  const compiler = new PatternCompiler();
  return globs.flatMap((rule) => {
    const outcome = compiler.compile(rule === '' ? '' : globOf(rule), Matcher.FILEPATH);
    return outcome.ok ? [] : problem(field, rule, outcome.expected);
  });
}

function checkVersion(version: number | null): readonly FieldProblem[] {
  if (version === null || (Number.isInteger(version) && version >= 0)) return [];
  return problem('expectedVersion', version, 'a whole number from 0 on');
}

function problem(field: string, value: unknown, expected: string): readonly FieldProblem[] {
  return ValidationError.of(field, value, expected).problems;
}
