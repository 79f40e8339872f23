import { ValidationError } from '../base/errors.js';

/** Bytes as base64url without padding, the one form in which bytes cross the wire. */
export function toBase64url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url');
}

/**
 * The bytes of a base64url text, or undefined unless it is the only spelling of them (no padding, no other
 * alphabet, no stray bits) and, where `length` is given, exactly that many bytes.
 */
export function tryFromBase64url(text: string, length?: number): Uint8Array | undefined {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.toString('base64url') !== text) return undefined;
  return length === undefined || bytes.length === length ? bytes : undefined;
}

/** As {@link tryFromBase64url}, with a ValidationError that names `field`. The value may be a secret: it is not repeated. */
export function fromBase64url(text: string, field: string, length?: number): Uint8Array {
  const bytes = tryFromBase64url(text, length);
  if (bytes) return bytes;
  const size = length === undefined ? '' : ` of ${length} bytes`;
  throw ValidationError.of(field, `${text.length} characters`, `base64url${size} without padding`);
}
