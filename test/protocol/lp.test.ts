import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { ValidationError } from '../../src/base/errors.js';
import { lp, lpList } from '../../src/protocol/lp.js';
import { readVectors } from './vectors.js';

describe('lp', () => {
  for (const { name, pieces, hex } of readVectors<{ name: string; pieces: string[]; hex: string }>('pae')) {
    it(`encodes ${name} as published`, () => {
      assert.equal(Buffer.from(lpList(pieces)).toString('hex'), hex);
    });
  }

  it('is the same encoding with the domain as first field', () => {
    assert.deepEqual(lp('slipway/x/v1', 'a', 'b'), lpList(['slipway/x/v1', 'a', 'b']));
  });

  it('writes numbers as decimal text', () => {
    assert.deepEqual(lp('d', 42, -7, 2n ** 70n), lp('d', '42', '-7', '1180591620717411303424'));
  });

  it('refuses numbers that a double does not hold exactly', () => {
    for (const number of [0.5, NaN, Infinity, 2 ** 53]) assert.throws(() => lp('d', number), ValidationError);
  });

  it('refuses half characters, which would all encode alike', () => {
    assert.throws(() => lp('d', 'a\ud800'), ValidationError);
  });

  it('gives different bytes for different lists of fields', () => {
    const parts = fc.array(fc.string({ unit: 'binary', maxLength: 12 }), { maxLength: 5 });
    fc.assert(
      fc.property(parts, parts, (one, other) => {
        const isSame = JSON.stringify(one) === JSON.stringify(other);
        assert.equal(Buffer.compare(lpList(one), lpList(other)) === 0, isSame);
      }),
    );
  });

  it('keeps a moved border between two fields apart', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.nat(), (text, at) => {
        const cut = at % text.length;
        assert.notDeepEqual(lp('d', text.slice(0, cut), text.slice(cut)), lp('d', text, ''));
      }),
    );
  });
});
