import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { ValidationError } from '../../src/base/errors.js';
import {
  hashToken,
  makeEnrolmentToken,
  parseEnrolmentToken,
  rootFingerprint,
} from '../../src/protocol/enrolment-token.js';
import { generateKeyPair } from '../../src/protocol/identity.js';
import { makeUserToken } from '../../src/protocol/user-token.js';

const root = generateKeyPair();

/** Refuses a token without repeating it: it may be a real one with a slip in it. */
function refuses(token: string): void {
  assert.throws(
    () => parseEnrolmentToken(token),
    (error: unknown) =>
      error instanceof ValidationError && (token.length < 10 || !error.message.includes(token)),
    token,
  );
}

describe('an enrolment token', () => {
  it('names itself and the root key of its server', () => {
    const { token, tokenId } = makeEnrolmentToken(root.publicKey);
    assert.match(token, /^swe_[0-9a-f]{16}_[0-9a-f]{64}_[0-9a-f]{32}$/);
    assert.deepEqual(parseEnrolmentToken(token), {
      tokenId,
      rootFingerprint: rootFingerprint(root.publicKey),
    });
  });

  it('is kept as the SHA-256 of its text', () => {
    const { token, hash } = makeEnrolmentToken(root.publicKey);
    assert.deepEqual(Buffer.from(hash), createHash('sha256').update(token).digest());
    assert.deepEqual(hashToken(token), hash);
  });

  it('is never made twice', () => {
    assert.notEqual(makeEnrolmentToken(root.publicKey).token, makeEnrolmentToken(root.publicKey).token);
  });

  it('is not read from anything else', () => {
    const { token } = makeEnrolmentToken(root.publicKey);
    const { token: userToken } = makeUserToken();
    for (const bad of [
      '',
      'swe_',
      userToken,
      `${token}0`,
      token.slice(1),
      token.toUpperCase(),
      `${token}\n`,
    ]) {
      refuses(bad);
    }
  });
});
