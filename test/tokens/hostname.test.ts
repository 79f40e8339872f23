import assert from 'node:assert/strict';
import { isHostname, isHostnamePattern, matchesHostname } from '../../src/tokens/hostname.js';

describe('matchesHostname', () => {
  for (const [pattern, hostname, fits] of [
    ['*', 'mill-1', true],
    ['mill-?', 'mill-1', true],
    ['mill-?', 'mill-12', false],
    ['mill-*', 'mill-', true],
    ['*.build.example', 'a.b.build.example', true],
    ['*.build.example', 'build.example', false],
    ['a.b', 'axb', false],
    ['mill', 'mill-1', false],
    ['mill', 'windmill', false],
    ['MILL-*', 'mill-1', true],
    ['a*b*c', 'aXbYbZc', true],
    ['a_b-c', 'a_b-c', true],
  ] as const) {
    it(`${fits ? 'lets' : 'does not let'} ${hostname} in by ${pattern}`, () => {
      assert.equal(matchesHostname(pattern, hostname), fits);
    });
  }

  it('takes no longer for a pattern that is made to take long', () => {
    const startMs = performance.now();
    assert.equal(matchesHostname('*a'.repeat(120), 'a'.repeat(119) + 'b'), false);
    assert.ok(performance.now() - startMs < 1000);
  });
});

describe('isHostname', () => {
  it('takes names of hosts and nothing else', () => {
    for (const name of ['a', 'mill-1', 'MILL_2.example.org', 'a'.repeat(253)])
      assert.ok(isHostname(name), name);
    for (const name of ['', '-a', 'a-', 'a b', 'a/b', 'ä', 'a\0', 'a\n', '*', 'a'.repeat(254)]) {
      assert.ok(!isHostname(name), name);
    }
  });
});

describe('isHostnamePattern', () => {
  it('takes wildcards but no other syntax', () => {
    for (const pattern of ['*', 'mill-?', '*.example.org']) assert.ok(isHostnamePattern(pattern));
    for (const pattern of ['', '[ab]', '{a,b}', '(a)', 'a|b', '^a', 'a\\d'])
      assert.ok(!isHostnamePattern(pattern));
  });
});
