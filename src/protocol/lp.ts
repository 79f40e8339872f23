import { PAE } from 'paseto';
import { ValidationError } from '../base/errors.js';

/** One field of a signed or authenticated byte string. Numbers travel as decimal text, text as UTF-8. */
export type LpPart = string | Uint8Array | number | bigint;

/**
 * The bytes that are signed, authenticated or derived from: PASETO's pre-authentication encoding of a domain and
 * its fields, so that no two different lists of fields ever give the same bytes. Every domain has a fixed number of
 * fields; a list is one field made by {@link lpList}.
 *
 * Throws a ValidationError for text that UTF-8 cannot carry and for a number that is no safe integer.
 *
 * @example lp('slipway/keyset/v1', document)
 */
export function lp(domain: string, ...parts: readonly LpPart[]): Uint8Array {
  return lpList([domain, ...parts]);
}

/** A list as one field of {@link lp}: the same encoding, without a domain. */
export function lpList(parts: readonly LpPart[]): Uint8Array {
  return PAE(parts.map(toBytes));
}

function toBytes(part: LpPart): Uint8Array {
  if (part instanceof Uint8Array) return part;
  if (typeof part === 'string') return textBytes(part);
  if (typeof part === 'number' && !Number.isSafeInteger(part)) {
    throw ValidationError.of('signed number', part, 'an integer that a double holds exactly');
  }
  return Buffer.from(part.toString(), 'ascii');
}

/** A lone surrogate would be encoded as U+FFFD, and two different texts would share one signature. */
function textBytes(text: string): Uint8Array {
  if (!text.isWellFormed()) throw ValidationError.of('signed text', text, 'text without half characters');
  return Buffer.from(text, 'utf8');
}
