import assert from 'node:assert/strict';
import fc from 'fast-check';
import { fullJitterMs, nextIntervalS, type BackoffPolicy } from '../../src/base/backoff.js';

function intervals(policy: BackoffPolicy, count: number, firstS?: number): number[] {
  const found: number[] = [];
  for (let last = firstS; found.length < count; found.push(last)) last = nextIntervalS(policy, last);
  return found;
}

describe('nextIntervalS', () => {
  it('gives the reference values', () => {
    assert.deepEqual(
      intervals({ initialS: 60, factor: 1.1, maxS: 120 }, 9),
      [60, 66, 73, 81, 90, 99, 109, 120, 120],
    );
  });

  it('grows on from an interval below its first one', () => {
    assert.deepEqual(intervals({ initialS: 60, factor: 2, maxS: 120 }, 6, 2), [4, 8, 16, 32, 64, 120]);
  });

  const policies = fc.record({
    initialS: fc.integer({ min: 1, max: 1_000 }),
    factor: fc.double({ min: 1, max: 10, noNaN: true }),
    maxS: fc.integer({ min: 1, max: 100_000 }),
  });

  it('strictly grows in whole seconds until it meets its cap, and stays there', () => {
    fc.assert(
      fc.property(policies, (policy) => {
        const found = intervals(policy, 50);
        for (const [index, value] of found.entries()) {
          assert.ok(Number.isInteger(value) && value <= policy.maxS);
          if (index > 0) assert.ok(value > found[index - 1]! || value === policy.maxS);
        }
      }),
    );
  });
});

describe('fullJitterMs', () => {
  it('lies between nothing and the bound that doubles up to its cap', () => {
    assert.equal(
      fullJitterMs(0, { baseMs: 10, maxMs: 1_000 }, () => 1),
      10,
    );
    assert.equal(
      fullJitterMs(3, { baseMs: 10, maxMs: 1_000 }, () => 1),
      80,
    );
    assert.equal(
      fullJitterMs(1_000, { baseMs: 10, maxMs: 1_000 }, () => 1),
      1_000,
    );
    assert.equal(
      fullJitterMs(3, { baseMs: 10, maxMs: 1_000 }, () => 0),
      0,
    );
  });
});
