import assert from 'node:assert/strict';
import { generateKeyPair, sign } from '../../src/protocol/identity.js';
import { acceptKeySet, findKey, signKeySet, verifyByKeySet } from '../../src/protocol/key-set.js';
import { KeyPurpose, type KeySetDocument } from '../../src/protocol/messages.js';
import { keySetBytes, sessionStatementBytes } from '../../src/protocol/signatures.js';

const root = generateKeyPair();
const offerKey = generateKeyPair();
const notAfter = '2026-06-01T00:00:00.000Z';
const endMs = Date.parse(notAfter);

function keySet(version: number, kid = 'k1'): KeySetDocument {
  return { version, keys: [{ kid, purpose: KeyPurpose.OFFER, publicKey: offerKey.publicKey, notAfter }] };
}

function signedText(text: string): { document: string; signature: string } {
  return { document: text, signature: sign(root.privateKey, keySetBytes(text)) };
}

describe('acceptKeySet', () => {
  it('takes the first set and every later version', () => {
    const first = signKeySet(keySet(3), root.privateKey);
    assert.deepEqual(acceptKeySet(null, first, root.publicKey), { outcome: 'accepted', document: keySet(3) });
    const later = signKeySet(keySet(9), root.privateKey);
    assert.equal(acceptKeySet(keySet(3), later, root.publicKey).outcome, 'accepted');
  });

  it('knows the set that it has', () => {
    const again = signKeySet(keySet(3), root.privateKey);
    assert.equal(acceptKeySet(keySet(3), again, root.publicKey).outcome, 'unchanged');
  });

  it('refuses an older version and other keys under the same version', () => {
    const older = acceptKeySet(keySet(4), signKeySet(keySet(3), root.privateKey), root.publicKey);
    assert.deepEqual(older, { outcome: 'rejected', reason: 'OLDER_VERSION' });
    const other = acceptKeySet(keySet(3), signKeySet(keySet(3, 'k2'), root.privateKey), root.publicKey);
    assert.deepEqual(other, { outcome: 'rejected', reason: 'SAME_VERSION_OTHER_KEYS' });
  });

  it('refuses what the pinned root did not sign, or signed as something else', () => {
    const text = JSON.stringify(keySet(1));
    const refused = [
      signKeySet(keySet(1), generateKeyPair().privateKey),
      { ...signKeySet(keySet(1), root.privateKey), document: `${text} ` },
      { document: text, signature: sign(root.privateKey, sessionStatementBytes(text)) },
      { document: text, signature: '' },
    ];
    for (const signed of refused) {
      assert.deepEqual(acceptKeySet(null, signed, root.publicKey), {
        outcome: 'rejected',
        reason: 'BAD_SIGNATURE',
      });
    }
  });

  it('refuses a signed text of another shape', () => {
    const [key] = keySet(1).keys;
    const texts = [
      'no json',
      'null',
      '{}',
      '{"version":1.5,"keys":[]}',
      '{"version":1,"keys":[null]}',
      JSON.stringify({ version: 1, keys: [{ ...key, purpose: 'everything' }] }),
      JSON.stringify({ version: 1, keys: [{ ...key, publicKey: 'AAAA' }] }),
      JSON.stringify({ version: 1, keys: [{ ...key, notAfter: 'some day' }] }),
    ];
    for (const text of texts) {
      const outcome = acceptKeySet(null, signedText(text), root.publicKey);
      assert.deepEqual(outcome, { outcome: 'rejected', reason: 'MALFORMED' }, text);
    }
  });
});

describe('a key of a key set', () => {
  const use = { kid: 'k1', purpose: KeyPurpose.OFFER, nowMs: endMs };

  it('serves its purpose until it ends', () => {
    assert.equal(findKey(keySet(1), use).outcome, 'found');
    assert.deepEqual(findKey(keySet(1), { ...use, nowMs: endMs + 1 }), {
      outcome: 'rejected',
      reason: 'KEY_EXPIRED',
    });
  });

  it('serves no other purpose, and no other key stands in for it', () => {
    const other = findKey(keySet(1), { ...use, purpose: KeyPurpose.SESSION });
    assert.deepEqual(other, { outcome: 'rejected', reason: 'WRONG_PURPOSE' });
    const unknown = findKey(keySet(1), { ...use, kid: 'k2' });
    assert.deepEqual(unknown, { outcome: 'rejected', reason: 'UNKNOWN_KEY' });
  });

  it('verifies what it signed and nothing else', () => {
    const bytes = Buffer.from('frame');
    const signature = sign(offerKey.privateKey, bytes);
    assert.equal(verifyByKeySet(keySet(1), { ...use, bytes, signature }), 'VERIFIED');
    const other = { ...use, bytes: Buffer.from('Frame'), signature };
    assert.equal(verifyByKeySet(keySet(1), other), 'BAD_SIGNATURE');
  });
});
