import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { problemsOf, wideningsOf, type Abilities } from '../../src/tokens/abilities.js';

const allowed: Abilities = {
  targets: ['x86_64-linux', 'aarch64-linux'],
  labels: { zone: 'b', disk: '*' },
  buildLimit: 4,
};

function fieldsOf(requested: Partial<Abilities>): string[] {
  return wideningsOf({ targets: ['x86_64-linux'], labels: {}, buildLimit: 1, ...requested }, allowed).map(
    ({ field }) => field,
  );
}

describe('wideningsOf', () => {
  it('finds nothing in what is allowed or less', () => {
    assert.deepEqual(wideningsOf({ ...allowed, labels: { zone: 'b', disk: 'nvme' } }, allowed), []);
    assert.deepEqual(fieldsOf({}), []);
  });

  it('names every target, label and limit beyond it', () => {
    const wide = {
      targets: ['x86_64-linux', 'riscv64-linux'],
      labels: { zone: 'a', gpu: 'yes' },
      buildLimit: 5,
    };
    assert.deepEqual(fieldsOf(wide), ['targets', 'labels.zone', 'labels.gpu', 'buildLimit']);
  });

  it('does not take what every object inherits for an allowed label', () => {
    const requested = { targets: ['x86_64-linux'], labels: { constructor: 'x' }, buildLimit: 1 };
    assert.deepEqual(wideningsOf(requested, allowed), [
      { field: 'labels.constructor', value: 'x', expected: 'only the labels zone, disk' },
    ]);
  });

  it('lets through exactly the subsets', () => {
    const target = fc.constantFrom('x86_64-linux', 'aarch64-linux', 'other');
    fc.assert(
      fc.property(fc.uniqueArray(target), fc.integer({ min: 1, max: 8 }), (targets, buildLimit) => {
        const isNarrow = !targets.includes('other') && buildLimit <= 4;
        assert.equal(fieldsOf({ targets, buildLimit }).length === 0, isNarrow);
      }),
    );
  });
});

describe('problemsOf', () => {
  const fields = (change: Partial<Abilities>): string[] =>
    problemsOf({ ...allowed, ...change }).map(({ field }) => field);

  it('finds nothing wrong with what can be', () => assert.deepEqual(fields({}), []));

  it('names what can never be', () => {
    assert.deepEqual(fields({ targets: [] }), ['targets']);
    assert.deepEqual(fields({ targets: ['', 'a\0', 'a\ud800', 'x'.repeat(201)] }), Array(4).fill('targets'));
    assert.deepEqual(fields({ targets: ['x86_64 linux', 'a\tb', 'fine'] }), ['targets', 'targets']);
    assert.deepEqual(fields({ labels: { '': 'a', b: '' } }), ['labels', 'labels']);
    for (const buildLimit of [0, -1, 1.5, NaN, 1001])
      assert.deepEqual(fields({ buildLimit }), ['buildLimit']);
    assert.deepEqual(fields({ targets: Array.from({ length: 51 }, (_, index) => `t${index}`) }), ['targets']);
  });
});
