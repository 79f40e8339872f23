import { createHash } from 'node:crypto';

/** SHA-256 of bytes, or of a text's UTF-8 bytes: 32 bytes. */
export function sha256(content: string | Uint8Array): Uint8Array {
  return createHash('sha256').update(content).digest();
}

/** SHA-256 in the form in which every hash crosses the wire and stands in signed bytes: base64url, 43 characters. */
export function sha256Text(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('base64url');
}
