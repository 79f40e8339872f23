import assert from 'node:assert/strict';
import { createCipheriv, createDecipheriv, randomBytes, type webcrypto } from 'node:crypto';
import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core';
import * as fc from 'fast-check';
import { ValidationError } from '../../src/base/errors.js';
import { lp } from '../../src/protocol/lp.js';
import type { SealContent } from '../../src/protocol/messages.js';
import {
  generateSessionKey,
  openSealer,
  openUnsealer,
  type SealBinding,
  type Sealer,
  type Unsealer,
} from '../../src/protocol/seal.js';
import { flipBit } from './flip.js';

const parties = { serverOrigin: 'https://ci.example', worker: 'worker-1' };
const binding: SealBinding = {
  session: 'session-1',
  epoch: 3,
  build: 'build-1',
  attempt: 2,
  worker: 'worker-1',
  slot: 5,
  headSha256: 'head',
};
const content: SealContent = {
  buildToken: 'v4.public.x',
  nonce: 'nonce',
  secrets: [
    { name: 'PASSWORD', value: 'välue\n', steps: [1, 2] },
    { name: 'EMPTY', value: '', steps: [] },
  ],
  refusedSecrets: [{ name: 'DEPLOY', step: 3, reason: 'its rules do not allow pull_request' }],
  credential: { kind: 'HTTPS_TOKEN', username: 'x', token: 't' },
};

describe('a seal', () => {
  let sealer: Sealer;
  let unsealer: Unsealer;

  before(async () => {
    const sessionKey = await generateSessionKey();
    sealer = await openSealer({ ...parties, sessionKey: sessionKey.publicKey });
    unsealer = await openUnsealer({ ...parties, sessionKey, enc: sealer.enc });
  });

  it('opens for what it was made for, also after others and more than once', async () => {
    const first = await sealer.seal(content, binding);
    const second = await sealer.seal({ ...content, nonce: 'other' }, { ...binding, build: 'build-2' });
    assert.deepEqual(await unsealer.open(first, binding), { outcome: 'opened', content });
    assert.equal((await unsealer.open(second, { ...binding, build: 'build-2' })).outcome, 'opened');
    assert.equal((await unsealer.open(first, binding)).outcome, 'opened');
  });

  it('is a new one each time, and says nothing of its content', async () => {
    const one = await sealer.seal(content, binding);
    const other = await sealer.seal(content, binding);
    assert.notEqual(one.sealId, other.sealId);
    assert.notEqual(one.seal, other.seal);
    assert.ok(!Buffer.from(one.seal, 'base64url').includes('PASSWORD'));
  });

  it('does not open when any field that it is bound to is another one', async () => {
    const sealed = await sealer.seal(content, binding);
    for (const [name, value] of Object.entries(binding) as [keyof SealBinding, string | number][]) {
      const changed = { ...binding, [name]: typeof value === 'number' ? value + 1 : `${value}x` };
      assert.deepEqual(await unsealer.open(sealed, changed), { outcome: 'refused' }, name);
    }
  });

  it('does not open when two fields are swapped', async () => {
    const sealed = await sealer.seal(content, binding);
    const names = Object.keys(binding) as (keyof SealBinding)[];
    for (const [one, other] of names.flatMap((name) => names.map((second) => [name, second] as const))) {
      if (binding[one] === binding[other] || typeof binding[one] !== typeof binding[other]) continue;
      const swapped = { ...binding, [one]: binding[other], [other]: binding[one] };
      assert.deepEqual(await unsealer.open(sealed, swapped), { outcome: 'refused' }, `${one} and ${other}`);
    }
  });

  it('does not open with any bit flipped, cut short, or under the id of another seal', async () => {
    const sealed = await sealer.seal(content, binding);
    const bytes = Buffer.from(sealed.seal, 'base64url');
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (bit) => {
        const seal = flipBit(bytes, bit).toString('base64url');
        assert.deepEqual(await unsealer.open({ ...sealed, seal }, binding), { outcome: 'refused' });
      }),
      { numRuns: 100 },
    );
    for (const seal of ['', 'AAAA', `${sealed.seal}=`, bytes.subarray(0, 27).toString('base64url'), '\0']) {
      assert.deepEqual(await unsealer.open({ ...sealed, seal }, binding), { outcome: 'refused' });
    }
    const { sealId } = await sealer.seal(content, binding);
    assert.deepEqual(await unsealer.open({ ...sealed, sealId }, binding), { outcome: 'refused' });
  });

  it('does not open for another session key, server or worker', async () => {
    const sealed = await sealer.seal(content, binding);
    const sessionKey = await generateSessionKey();
    const strangers = [
      await openUnsealer({ ...parties, sessionKey, enc: sealer.enc }),
      await openUnsealer({ ...parties, sessionKey, enc: (await generateSessionKey()).publicKey }),
    ];
    for (const stranger of strangers) {
      assert.deepEqual(await stranger.open(sealed, binding), { outcome: 'refused' });
    }
    for (const other of [{ serverOrigin: 'https://evil.example' }, { worker: 'worker-2' }]) {
      const ours = await openSealer({ ...parties, ...other, sessionKey: sessionKey.publicKey });
      const theirs = await openUnsealer({ ...parties, sessionKey, enc: ours.enc });
      assert.deepEqual(await theirs.open(await ours.seal(content, binding), binding), { outcome: 'refused' });
    }
  });

  it('is not made for what is no X25519 key', async () => {
    const smallOrder = Buffer.alloc(32).toString('base64url');
    for (const sessionKey of ['', 'AAAA', smallOrder]) {
      await assert.rejects(openSealer({ ...parties, sessionKey }), ValidationError);
      const own = await generateSessionKey();
      await assert.rejects(openUnsealer({ ...parties, sessionKey: own, enc: sessionKey }), ValidationError);
    }
  });
});

/** Another implementation of RFC 9180, and the rest of the format written a second time. */
describe('a seal, by the other HPKE implementation', () => {
  const suite = new CipherSuite({
    kem: new DhkemX25519HkdfSha256(),
    kdf: new HkdfSha256(),
    aead: new Aes256Gcm(),
  });
  const info = Buffer.from(lp('slipway/hpke/v1', parties.serverOrigin, parties.worker));
  const aad = lp('slipway/seal/v1', 'session-1', 3, 'build-1', 2, 'worker-1', 5, 'head');
  const exporterContext = (sealId: string): Buffer =>
    Buffer.from(lp('slipway/seal/v1', 'build-1', 2, sealId));

  it('of ours opens there', async () => {
    const theirs = (await suite.kem.generateKeyPair()) as Record<
      'publicKey' | 'privateKey',
      webcrypto.CryptoKey
    >;
    const raw = Buffer.from(await suite.kem.serializePublicKey(theirs.publicKey));
    const sealer = await openSealer({ ...parties, sessionKey: raw.toString('base64url') });
    const { sealId, seal } = await sealer.seal(content, binding);
    const context = await suite.createRecipientContext({
      recipientKey: theirs,
      enc: Buffer.from(sealer.enc, 'base64url'),
      info,
    });
    const key = Buffer.from(await context.export(exporterContext(sealId), 32));
    const bytes = Buffer.from(seal, 'base64url');
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12));
    decipher.setAAD(aad).setAuthTag(bytes.subarray(-16));
    const plain = Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]);
    assert.deepEqual(JSON.parse(plain.toString('utf8')), content);
  });

  it('of theirs opens here, and nothing else that is sealed so', async () => {
    const sessionKey = await generateSessionKey();
    const recipientPublicKey = await suite.kem.deserializePublicKey(
      Uint8Array.from(Buffer.from(sessionKey.publicKey, 'base64url')).buffer,
    );
    const context = await suite.createSenderContext({ recipientPublicKey, info });
    const key = Buffer.from(await context.export(exporterContext('any id'), 32));
    const sealText = (text: string): string => {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(aad);
      return Buffer.concat([nonce, cipher.update(text), cipher.final(), cipher.getAuthTag()]).toString(
        'base64url',
      );
    };
    const enc = Buffer.from(context.enc).toString('base64url');
    const unsealer = await openUnsealer({ ...parties, sessionKey, enc });
    const open = (text: string) => unsealer.open({ sealId: 'any id', seal: sealText(text) }, binding);
    assert.deepEqual(await open(JSON.stringify(content)), { outcome: 'opened', content });
    const broken = [
      { ...content, buildToken: 1 },
      { ...content, secrets: { A: 'b' } },
      { ...content, secrets: [{ name: 'A', value: 1, steps: [] }] },
      { ...content, secrets: [{ name: 'A', value: 'b', steps: ['1'] }] },
      { ...content, refusedSecrets: [{ name: 'A', step: 1 }] },
      { ...content, credential: undefined },
      { ...content, credential: { kind: 'SSH_KEY', privateKey: 'k' } },
      { ...content, credential: { kind: 'PASSWORD', username: 'u', token: 't' } },
    ].map((value) => JSON.stringify(value));
    for (const text of ['', 'null', '{}', ...broken]) {
      assert.deepEqual(await open(text), { outcome: 'refused' }, text);
    }
  });
});
