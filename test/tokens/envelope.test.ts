import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { DomainError } from '../../src/base/errors.js';
import { masterKeyOf, openEnvelope, sealEnvelope } from '../../src/tokens/envelope.js';
import { flipBit } from '../protocol/flip.js';

const master = masterKeyOf(randomBytes(32));
const owner = ['signing_keys', 'k1'];
const secret = Buffer.from('a secret of the server');

describe('an envelope', () => {
  it('gives any secret back to its owner', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        assert.deepEqual(
          Uint8Array.from(openEnvelope(master, sealEnvelope(master, bytes, owner), owner)),
          bytes,
        );
      }),
    );
  });

  it('does not show the secret and is another one each time', () => {
    const one = Buffer.from(sealEnvelope(master, secret, owner));
    assert.ok(!one.includes(secret));
    assert.notDeepEqual(one, Buffer.from(sealEnvelope(master, secret, owner)));
  });

  it('does not open for another owner', () => {
    const envelope = sealEnvelope(master, secret, owner);
    for (const other of [
      ['signing_keys', 'k2'],
      ['secrets', 'k1'],
      ['signing_keysk1'],
      ['signing_keys', 'k1', ''],
    ]) {
      assert.throws(() => openEnvelope(master, envelope, other), DomainError);
    }
  });

  it('does not open once any bit is another one or a part is missing', () => {
    const envelope = sealEnvelope(master, secret, owner);
    fc.assert(
      fc.property(fc.nat(), (bit) => {
        assert.throws(() => openEnvelope(master, flipBit(envelope, bit), owner), DomainError);
      }),
      { numRuns: 300 },
    );
    for (let length = 0; length < envelope.length; length++) {
      assert.throws(() => openEnvelope(master, envelope.subarray(0, length), owner), DomainError);
    }
  });

  it('says which master key is wrong, and not what it is', () => {
    const raw = randomBytes(32);
    const other = masterKeyOf(raw);
    assert.throws(
      () => openEnvelope(other, sealEnvelope(master, secret, owner), owner),
      new RegExp(`signing_keys k1 is sealed by master key ${master.keyId}, this server has ${other.keyId}`),
    );
    assert.ok(!JSON.stringify(other).includes(raw.toString('base64')));
  });
});

describe('a master key', () => {
  it('has 32 bytes', () => {
    for (const length of [0, 16, 31, 33]) assert.throws(() => masterKeyOf(randomBytes(length)), DomainError);
  });

  it('has the same name wherever it is configured', () => {
    assert.equal(masterKeyOf(Buffer.alloc(32, 1)).keyId, masterKeyOf(Buffer.alloc(32, 1)).keyId);
    assert.notEqual(masterKeyOf(Buffer.alloc(32, 1)).keyId, masterKeyOf(Buffer.alloc(32, 2)).keyId);
  });
});
