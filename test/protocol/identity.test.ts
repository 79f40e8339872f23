import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import * as fc from 'fast-check';
import { ValidationError } from '../../src/base/errors.js';
import {
  exportPrivateKey,
  generateKeyPair,
  importPrivateKey,
  sign,
  thumbprint,
  verify,
} from '../../src/protocol/identity.js';
import { flipBit } from './flip.js';

describe('identity keys', () => {
  const pair = generateKeyPair();

  it('verify what they signed, also after a trip through a file', () => {
    const { publicKey, privateKey } = importPrivateKey(exportPrivateKey(pair.privateKey));
    assert.equal(publicKey, pair.publicKey);
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        assert.equal(verify(pair.publicKey, bytes, sign(privateKey, bytes)), true);
      }),
      { numRuns: 25 },
    );
  });

  it('refuse the signature once any bit of message, signature or key is another one', () => {
    const message = Buffer.from('a message of some length');
    const signature = sign(pair.privateKey, message);
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom('message', 'signature', 'key'), (bit, what) => {
        const flip = (bytes: Uint8Array): Buffer => flipBit(bytes, bit);
        const verdict = verify(
          what === 'key'
            ? flip(Buffer.from(pair.publicKey, 'base64url')).toString('base64url')
            : pair.publicKey,
          what === 'message' ? flip(message) : message,
          what === 'signature' ? flip(Buffer.from(signature, 'base64url')).toString('base64url') : signature,
        );
        assert.equal(verdict, false);
      }),
      { numRuns: 200 },
    );
  });

  it('answer false, never an error, to malformed keys and signatures', () => {
    const message = Buffer.from('m');
    const signature = sign(pair.privateKey, message);
    for (const key of ['', 'AA', `${pair.publicKey}=`, 'x'.repeat(43), '\0'.repeat(43)]) {
      assert.equal(verify(key, message, signature), false);
    }
    for (const bad of ['', 'AA', `${signature}=`, 'ü'.repeat(86), signature.slice(1)]) {
      assert.equal(verify(pair.publicKey, message, bad), false);
    }
  });

  it('are named as RFC 8037 (A.3) names its example key', () => {
    const name = thumbprint('11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo');
    assert.equal(name, 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k');
  });

  it('are not read from other keys or other bytes, and the error does not repeat them', () => {
    const other = generateKeyPairSync('x25519').privateKey.export({ format: 'der', type: 'pkcs8' });
    for (const bytes of [other, Buffer.from('no key at all'), Buffer.alloc(0)]) {
      assert.throws(
        () => importPrivateKey(bytes),
        (error: unknown) => error instanceof ValidationError && !error.message.includes('no key at all'),
      );
    }
  });
});
