import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ValidationError } from '../../src/base/errors.js';
import { readLogPosition, writeLogPosition } from '../../src/logs/log-position.js';

describe('a position in a log', () => {
  it('is read as it was written', () => {
    const entries = fc.uniqueArray(fc.tuple(fc.nat(999_999_999), fc.nat(999_999_999)), {
      selector: ([step]) => step,
      maxLength: 100,
    });
    fc.assert(
      fc.property(entries, (position) => {
        assert.deepEqual(
          readLogPosition(writeLogPosition(new Map(position))),
          new Map([...position].sort(([a], [b]) => a - b)),
        );
      }),
    );
  });

  for (const text of ['x', '1', '1:', ':1', '1:2,', '-1:2', '1:2,1:3', '1:9999999999', '1:2 ', '1:\0']) {
    it(`is not ${JSON.stringify(text)}`, () => {
      assert.throws(() => readLogPosition(text), ValidationError);
    });
  }
});
