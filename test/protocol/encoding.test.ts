import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { ValidationError } from '../../src/base/errors.js';
import { fromBase64url, toBase64url, tryFromBase64url } from '../../src/protocol/encoding.js';

describe('base64url', () => {
  it('brings any bytes back', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        assert.deepEqual(Uint8Array.from(fromBase64url(toBase64url(bytes), 'x', bytes.length)), bytes);
      }),
    );
  });

  for (const [what, text] of [
    ['padding', 'AA=='],
    ['the other alphabet', '+/+/'],
    ['stray bits at the end', 'AB'],
    ['a length that cannot be', 'AAAAA'],
    ['white space', 'AA AA'],
    ['a line break', 'AAAA\n'],
  ] as const) {
    it(`refuses ${what}`, () => assert.equal(tryFromBase64url(text), undefined));
  }

  it('refuses another number of bytes than expected', () => {
    assert.equal(tryFromBase64url('AAAA', 4), undefined);
    assert.throws(
      () => fromBase64url('AAAA', 'identityKey', 32),
      (error: unknown) => {
        assert.ok(error instanceof ValidationError);
        assert.equal(
          error.message,
          'identityKey: got "4 characters", expected base64url of 32 bytes without padding',
        );
        return true;
      },
    );
  });
});
