import assert from 'node:assert/strict';
import fc from 'fast-check';
import picomatch from 'picomatch';
import { Matcher, PatternCompiler } from '../../../src/pipeline/rules/pattern.js';

function matches(glob: string, value: string): boolean {
  const outcome = new PatternCompiler().compile(glob, Matcher.FILEPATH);
  assert.ok(outcome.ok, glob);
  return outcome.pattern.matches(value);
}

describe('globs', () => {
  const cases: readonly [string, readonly string[], readonly string[]][] = [
    ['main', ['main'], ['main2', 'Main', 'x/main', '']],
    ['release/*', ['release/1', 'release/.x', 'release/'], ['release', 'release/1/2']],
    ['*', ['main', '.hidden', 'a\nb'], ['a/b']],
    ['**', ['main', 'a/b', '.x/y', 'a\nb/c'], []],
    ['src/**', ['src/a', 'src/a/b', 'src'], ['srca', 'x/src/a']],
    ['a/**/**', ['a', 'a/b/c'], ['ab']],
    ['**/*.ts', ['a.ts', 'x/a.ts', 'x/y/a.ts', '.x/.ts'], ['a.tsx', 'a.ts/b']],
    ['a/**/b', ['a/b', 'a/x/b', 'a/x/y/b'], ['ab', 'a/xb', 'xa/b']],
    ['a**b', ['ab', 'axb'], ['a/b']],
    ['a/**b', ['a/xb', 'a/b'], ['a/x/b']],
    ['v?', ['v1'], ['v', 'v12', 'v/']],
    ['v[0-9]*', ['v1', 'v10'], ['v', 'vx']],
    ['[!a]b', ['bb'], ['ab', '/b', 'b']],
    ['[^a]b', ['bb'], ['ab', '/b']],
    ['[a-]b', ['ab', '-b'], ['bb']],
    ['[]a]b', [']b', 'ab'], ['b']],
    ['[\\-^\\]]x', ['-x', '^x', ']x'], ['\\x', 'ax']],
    ['{main,release/*}', ['main', 'release/1'], ['release', 'main,release/1']],
    ['{a,b/**}/c', ['a/c', 'b/x/c'], ['c', 'b', 'b/c']],
    ['{a,{b,c}d}', ['a', 'bd', 'cd'], ['b', 'ad']],
    ['{a,}b', ['ab', 'b'], ['a']],
    ['a,b', ['a,b'], ['a']],
    ['\\*', ['*'], ['a']],
    ['a.b', ['a.b'], ['axb']],
    ['fix|x$^', ['fix|x$^'], ['fix']],
    ['😀?', ['😀x', '😀😀'], ['😀']],
  ];
  for (const [glob, good, bad] of cases) {
    it(`${glob} matches ${JSON.stringify(good)} and not ${JSON.stringify(bad)}`, () => {
      for (const value of good) assert.equal(matches(glob, value), true, value);
      for (const value of bad) assert.equal(matches(glob, value), false, value);
    });
  }

  it('refuses what it would have to guess', () => {
    for (const glob of [
      '[a',
      '{a',
      'a}',
      '{a,{b}',
      'a\\',
      '!main',
      '!(a)',
      '@(a|b)',
      '+(a)',
      '[[:alpha:]]',
      '[]',
    ]) {
      const outcome = new PatternCompiler().compile(glob, Matcher.FILEPATH);
      assert.equal(outcome.ok, false, glob);
    }
  });

  it('agrees with picomatch on what both understand', () => {
    const part = fc.stringMatching(/^[ab.]{0,3}[*?]?[ab]{1,2}$/);
    const glob = fc.array(fc.oneof(part, fc.constant('**')), { minLength: 1, maxLength: 4 });
    const name = fc.stringMatching(/^[ab.]{0,4}[ab]$/);
    const path = fc.array(name, { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(glob, path, (parts, names) => {
        const pattern = parts.join('/');
        const value = names.join('/');
        assert.equal(matches(pattern, value), picomatch.isMatch(value, pattern, { dot: true }));
      }),
      { numRuns: 1000 },
    );
  });

  it('takes any text for a glob without throwing', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab*?[]{}!,\\/-^') }), fc.string(), (glob, value) => {
        const outcome = new PatternCompiler().compile(glob, Matcher.FILEPATH);
        if (outcome.ok) outcome.pattern.matches(value);
      }),
      { numRuns: 500 },
    );
  });
});
