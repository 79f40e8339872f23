import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { CHALLENGE_LIFE_MS, challengeNonce, makeChallenge } from '../../src/tokens/worker-challenge.js';
import { flipBit } from '../protocol/flip.js';

const context = { key: randomBytes(32), workerId: 'worker-1', nowMs: 1_700_000_000_000 };

describe('a worker challenge', () => {
  it('is known again by any server with the key until it ends', () => {
    const { challenge, expiresInMs } = makeChallenge(context);
    assert.equal(expiresInMs, 30_000);
    const endMs = context.nowMs + CHALLENGE_LIFE_MS;
    const check = challengeNonce(challenge, { ...context, nowMs: endMs });
    assert.ok(check.outcome === 'valid');
    assert.equal(check.nonce.byteLength, 16);
    assert.equal(check.expiresAt.getTime(), endMs);
    const late = challengeNonce(challenge, { ...context, nowMs: endMs + 1 });
    assert.deepEqual(late, { outcome: 'rejected', reason: 'EXPIRED' });
  });

  it('has a nonce of its own each time', () => {
    const nonceOf = (challenge: string): unknown => {
      const check = challengeNonce(challenge, context);
      return check.outcome === 'valid' && Buffer.from(check.nonce).toString('hex');
    };
    assert.notEqual(nonceOf(makeChallenge(context).challenge), nonceOf(makeChallenge(context).challenge));
  });

  it('is good for its worker and by its key only', () => {
    const { challenge } = makeChallenge(context);
    for (const other of [{ workerId: 'worker-2' }, { key: randomBytes(32) }]) {
      const check = challengeNonce(challenge, { ...context, ...other });
      assert.deepEqual(check, { outcome: 'rejected', reason: 'NOT_OURS' });
    }
  });

  it('is refused with any bit flipped, also one that would prolong it', () => {
    const bytes = Buffer.from(makeChallenge(context).challenge, 'base64url');
    fc.assert(
      fc.property(fc.nat(), (bit) => {
        const check = challengeNonce(flipBit(bytes, bit).toString('base64url'), context);
        assert.deepEqual(check, { outcome: 'rejected', reason: 'NOT_OURS' });
      }),
      { numRuns: 448 },
    );
  });

  it('is refused as anything else', () => {
    const { challenge } = makeChallenge(context);
    for (const bad of ['', 'AAAA', `${challenge}=`, `${challenge}AA`, challenge.slice(4), '\0'.repeat(75)]) {
      assert.deepEqual(challengeNonce(bad, context), { outcome: 'rejected', reason: 'MALFORMED' });
    }
  });
});
