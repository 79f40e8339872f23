import assert from 'node:assert/strict';
import { createCipheriv, randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { DomainError } from '../../src/base/errors.js';
import { lp } from '../../src/protocol/lp.js';
import { openEnvelope, rewrapEnvelope, sealEnvelope, UnreadableEnvelope } from '../../src/tokens/envelope.js';
import { masterKeysOf } from '../../src/tokens/master-keys.js';
import { flipBit } from '../protocol/flip.js';

const rawKey = randomBytes(32);
const master = masterKeysOf(rawKey);
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
    const other = masterKeysOf(raw);
    assert.throws(
      () => openEnvelope(other, sealEnvelope(master, secret, owner), owner),
      new RegExp(
        `signing_keys k1 is sealed by master key ${master.current.keyId}, this server has ${other.current.keyId}`,
      ),
    );
    assert.ok(!JSON.stringify(other).includes(raw.toString('base64')));
  });
});

describe('a rotation of master keys', () => {
  const nextRaw = randomBytes(32);
  const both = masterKeysOf(nextRaw, [rawKey]);
  const next = masterKeysOf(nextRaw);

  it('wraps the data key anew and leaves the encrypted secret as it was', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const before = Buffer.from(sealEnvelope(master, bytes, owner));
        const after = Buffer.from(rewrapEnvelope(both, before, owner) ?? []);
        assert.deepEqual(Uint8Array.from(openEnvelope(next, after, owner)), bytes);
        assert.deepEqual(after.subarray(69), before.subarray(69));
        assert.notDeepEqual(after.subarray(9, 69), before.subarray(9, 69));
      }),
    );
  });

  it('lets servers read old and new envelopes while both keys are known', () => {
    const [old, fresh] = [sealEnvelope(master, secret, owner), sealEnvelope(both, secret, owner)];
    for (const envelope of [old, fresh]) {
      assert.deepEqual(Buffer.from(openEnvelope(both, envelope, owner)), secret);
      assert.deepEqual(Buffer.from(openEnvelope(masterKeysOf(rawKey, [nextRaw]), envelope, owner)), secret);
    }
    assert.throws(() => openEnvelope(next, old, owner), UnreadableEnvelope);
    assert.throws(() => openEnvelope(master, fresh, owner), UnreadableEnvelope);
  });

  it('changes nothing that is under the current key', () => {
    assert.equal(rewrapEnvelope(both, sealEnvelope(both, secret, owner), owner), undefined);
  });

  it('blesses neither a moved nor a changed envelope, nor one of a key that is not here', () => {
    const envelope = sealEnvelope(master, secret, owner);
    assert.throws(() => rewrapEnvelope(both, envelope, ['signing_keys', 'k2']), UnreadableEnvelope);
    assert.throws(() => rewrapEnvelope(next, envelope, owner), UnreadableEnvelope);
    for (let bit = 8; bit < 69 * 8; bit++) {
      assert.throws(() => rewrapEnvelope(both, flipBit(envelope, bit), owner), UnreadableEnvelope);
    }
  });

  it('brings envelopes of version 1 to version 2, which it reads until then', () => {
    const old = firstVersion(rawKey, secret);
    assert.deepEqual(Buffer.from(openEnvelope(master, old, owner)), secret);
    const rewrapped = rewrapEnvelope(both, old, owner) ?? new Uint8Array();
    assert.equal(rewrapped[0], 2);
    assert.deepEqual(Buffer.from(openEnvelope(next, rewrapped, owner)), secret);
    assert.throws(() => openEnvelope(master, old, ['signing_keys', 'k2']), UnreadableEnvelope);
  });
});

/** As 0.1.0 sealed: one binding, with the master key's name, for the data key and for the secret. */
function firstVersion(raw: Buffer, plain: Uint8Array): Uint8Array {
  const { keyId } = masterKeysOf(raw).current;
  const associated = lp('slipway/envelope/v1', keyId, ...owner);
  const encrypt = (key: Buffer, bytes: Uint8Array): Buffer => {
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(associated);
    return Buffer.concat([nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
  };
  const dataKey = randomBytes(32);
  return Buffer.concat([
    Buffer.of(1),
    Buffer.from(keyId, 'hex'),
    encrypt(raw, dataKey),
    encrypt(dataKey, plain),
  ]);
}

describe('a master key', () => {
  it('has 32 bytes', () => {
    for (const length of [0, 16, 31, 33]) assert.throws(() => masterKeysOf(randomBytes(length)), DomainError);
  });

  const nameOf = (byte: number): string => masterKeysOf(Buffer.alloc(32, byte)).current.keyId;

  it('has the same name wherever it is configured', () => {
    assert.equal(nameOf(1), nameOf(1));
    assert.notEqual(nameOf(1), nameOf(2));
  });
});
