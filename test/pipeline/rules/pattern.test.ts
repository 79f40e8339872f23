import assert from 'node:assert/strict';
import { limits } from '../../../src/pipeline/limits.js';
import { Matcher, PatternCompiler, type Pattern } from '../../../src/pipeline/rules/pattern.js';

function compile(text: string, matcher: Matcher): Pattern {
  const outcome = new PatternCompiler().compile(text, matcher);
  assert.ok(outcome.ok, text);
  return outcome.pattern;
}

describe('patterns', () => {
  it('find a regular expression anywhere unless it is anchored', () => {
    assert.equal(compile('rel', Matcher.REGEXP).matches('my/release'), true);
    assert.equal(compile('^rel', Matcher.REGEXP).matches('my/release'), false);
    assert.equal(compile('(?i)DEPLOY now', Matcher.REGEXP).matches('please deploy now!'), true);
  });

  it('match in linear time where a backtracking engine would not end', function () {
    this.timeout(60_000);
    const long = 'a'.repeat(50_000);
    for (const text of ['(a+)+$', '(a|aa)+$', '^(([a-z])+.)+[A-Z]([a-z])+$', '(.*)*(.*)*(.*)*x']) {
      assert.equal(compile(text, Matcher.REGEXP).matches(`${long}!`), false, text);
    }
    assert.equal(compile(`${'*a'.repeat(100)}b`, Matcher.FILEPATH).matches(long), false);
    assert.equal(compile(`${'**/'.repeat(50)}x`, Matcher.FILEPATH).matches('a/'.repeat(5000)), false);
  });

  it('are refused when they compile to too much, one by one and together', function () {
    this.timeout(60_000);
    const patterns = new PatternCompiler();
    const monster = `(?:${'\\pL'.repeat(90)}){1000}`;
    for (let n = 0; n < 1000; n += 1) assert.equal(patterns.compile(monster, Matcher.REGEXP).ok, false);
    const many = new PatternCompiler();
    const outcomes = Array.from({ length: 200 }, () => many.compile('x{500}y', Matcher.REGEXP));
    assert.equal(outcomes[0]?.ok, true);
    assert.equal(outcomes.at(-1)?.ok, false);
  });

  it('say what is wrong with them', () => {
    const outcome = new PatternCompiler().compile('a(b', Matcher.REGEXP);
    assert.ok(!outcome.ok);
    assert.match(outcome.expected, /RE2 syntax.*missing closing \)/);
    assert.equal(
      new PatternCompiler().compile('x'.repeat(limits.patternLength + 1), Matcher.FILEPATH).ok,
      false,
    );
  });
});
