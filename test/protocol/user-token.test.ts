import assert from 'node:assert/strict';
import { ValidationError } from '../../src/base/errors.js';
import { makeEnrolmentToken } from '../../src/protocol/enrolment-token.js';
import { generateKeyPair } from '../../src/protocol/identity.js';
import { makeUserToken, parseUserToken } from '../../src/protocol/user-token.js';

/** Refuses a token without repeating it: it may be a real one with a slip in it. */
function refuses(token: string): void {
  assert.throws(
    () => parseUserToken(token),
    (error: unknown) =>
      error instanceof ValidationError && (token.length < 10 || !error.message.includes(token)),
    token,
  );
}

describe('a user token', () => {
  it('names itself', () => {
    const { token, tokenId } = makeUserToken();
    assert.match(token, /^swu_[0-9a-f]{16}_[0-9a-f]{72}$/);
    assert.deepEqual(parseUserToken(token), { tokenId });
  });

  it('is told from a mistyped one by its checksum', () => {
    const { token } = makeUserToken();
    for (let at = 4; at < token.length; at++) {
      if (token[at] === '_') continue;
      const other = token[at] === '0' ? '1' : '0';
      refuses(`${token.slice(0, at)}${other}${token.slice(at + 1)}`);
    }
  });

  it('is not read from anything else', () => {
    const { token } = makeUserToken();
    const { token: enrolmentToken } = makeEnrolmentToken(generateKeyPair().publicKey);
    for (const bad of [
      '',
      'swu_',
      enrolmentToken,
      `${token}0`,
      ` ${token}`,
      token.toUpperCase(),
      `${token}\n`,
    ]) {
      refuses(bad);
    }
  });
});
