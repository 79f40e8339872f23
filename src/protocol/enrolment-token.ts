import { randomBytes } from 'node:crypto';
import { ValidationError } from '../base/errors.js';
import { fromBase64url } from './encoding.js';
import { sha256 } from './hash.js';

const SECRET_BYTES = 32;
const ID_BYTES = 8;
const FINGERPRINT_CHARS = 32;

/** All parts are hex: base64url has `_` in its alphabet, and the parts could not be told apart. */
const FORM = /^swe_([0-9a-f]{16})_([0-9a-f]{64})_([0-9a-f]{32})$/;

/** What may be read from an enrolment token. */
export interface EnrolmentToken {
  /** Under which the server keeps the token's hash. */
  readonly tokenId: string;
  /** Of the root key of the server that issued it, see {@link rootFingerprint}. */
  readonly rootFingerprint: string;
}

/** A bearer secret as it is made: shown once, and only its hash (32 bytes) is kept. */
export interface IssuedToken {
  readonly token: string;
  readonly tokenId: string;
  readonly hash: Uint8Array;
}

/** Makes `swe_<id>_<32 bytes>_<root fingerprint>`; `rootKey` is the root public key (base64url). */
export function makeEnrolmentToken(rootKey: string): IssuedToken {
  const tokenId = randomBytes(ID_BYTES).toString('hex');
  const secret = randomBytes(SECRET_BYTES).toString('hex');
  const token = `swe_${tokenId}_${secret}_${rootFingerprint(rootKey)}`;
  return { token, tokenId, hash: hashToken(token) };
}

/** Reads an enrolment token; undefined for anything else. */
export function tryParseEnrolmentToken(token: string): EnrolmentToken | undefined {
  const [, tokenId, , fingerprint] = FORM.exec(token) ?? [];
  return tokenId && fingerprint ? { tokenId, rootFingerprint: fingerprint } : undefined;
}

/** As {@link tryParseEnrolmentToken}, with a ValidationError, which does not repeat the token, for anything else. */
export function parseEnrolmentToken(token: string): EnrolmentToken {
  const parsed = tryParseEnrolmentToken(token);
  if (parsed) return parsed;
  throw ValidationError.of(
    'token',
    `${token.length} characters`,
    'an enrolment token, swe_<id>_<secret>_<key>',
  );
}

/**
 * First half of the SHA-256 of the raw root key, hex: by it a worker knows, before it sends anything, that the key
 * which it is about to pin is the one that the token's administrator meant.
 */
export function rootFingerprint(rootKey: string): string {
  const raw = fromBase64url(rootKey, 'rootKey', 32);
  return Buffer.from(sha256(raw)).toString('hex').slice(0, FINGERPRINT_CHARS);
}

/** What the server keeps of a bearer token: SHA-256 of its text. 32 random bytes need no slow hash. */
export function hashToken(token: string): Uint8Array {
  return sha256(token);
}
