import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { ValidationError } from '../base/errors.js';
import { hashToken, type IssuedToken } from './enrolment-token.js';

const SECRET_BYTES = 32;
const ID_BYTES = 8;

/** Hex throughout, for the same reason as in enrolment tokens: base64url has `_` in its alphabet. */
const FORM = /^(swu_([0-9a-f]{16})_[0-9a-f]{64})([0-9a-f]{8})$/;

/** Makes `swu_<id>_<32 bytes><crc32>` for a person or a service account. */
export function makeUserToken(): IssuedToken {
  const tokenId = randomBytes(ID_BYTES).toString('hex');
  const body = `swu_${tokenId}_${randomBytes(SECRET_BYTES).toString('hex')}`;
  const token = `${body}${checksum(body)}`;
  return { token, tokenId, hash: hashToken(token) };
}

/**
 * The id of a user token, or undefined for anything else. The checksum tells a mistyped or cut token from a wrong one
 * without a query, and lets secret scanners know ours.
 */
export function tryParseUserToken(token: string): { readonly tokenId: string } | undefined {
  const [, body, tokenId, crc] = FORM.exec(token) ?? [];
  return body && tokenId && crc === checksum(body) ? { tokenId } : undefined;
}

/** As {@link tryParseUserToken}, with a ValidationError, which does not repeat the token, for anything else. */
export function parseUserToken(token: string): { readonly tokenId: string } {
  const parsed = tryParseUserToken(token);
  if (parsed) return parsed;
  throw ValidationError.of(
    'token',
    `${token.length} characters`,
    'a user token, swu_<id>_<secret and checksum>',
  );
}

function checksum(body: string): string {
  return crc32(body).toString(16).padStart(8, '0');
}
