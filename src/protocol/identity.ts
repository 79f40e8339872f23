import * as crypto from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { ValidationError } from '../base/errors.js';
import { toBase64url, tryFromBase64url } from './encoding.js';
import { sha256Text } from './hash.js';

const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;

/** An Ed25519 key pair: who a worker is, or one signing key of the server. */
export interface SigningKeyPair {
  /** The raw 32 bytes as base64url. */
  readonly publicKey: string;
  readonly privateKey: KeyObject;
}

/** Makes a new Ed25519 key pair. */
export function generateKeyPair(): SigningKeyPair {
  return withPublicKey(crypto.generateKeyPairSync('ed25519').privateKey);
}

/** The private half as PKCS #8 (DER), for a file of mode 0600 or an envelope. */
export function exportPrivateKey(privateKey: KeyObject): Uint8Array {
  return privateKey.export({ format: 'der', type: 'pkcs8' });
}

/** The key pair of PKCS #8 bytes. Throws a ValidationError, without repeating them, unless they hold an Ed25519 key. */
export function importPrivateKey(pkcs8: Uint8Array): SigningKeyPair {
  const key = readPrivateKey(pkcs8);
  if (key?.asymmetricKeyType !== 'ed25519') {
    throw ValidationError.of('private key', `${pkcs8.byteLength} bytes`, 'an Ed25519 key as PKCS #8 (DER)');
  }
  return withPublicKey(key);
}

/** Ed25519 signature as base64url. */
export function sign(privateKey: KeyObject, bytes: Uint8Array): string {
  return toBase64url(crypto.sign(null, bytes, privateKey));
}

/** True only for a signature over exactly these bytes by this key. Never throws: what is malformed is simply false. */
export function verify(publicKey: string, bytes: Uint8Array, signature: string): boolean {
  const signed = tryFromBase64url(signature, SIGNATURE_BYTES);
  if (!signed || !isPublicKey(publicKey)) return false;
  try {
    return crypto.verify(null, bytes, readPublicKey(publicKey), signed);
  } catch {
    return false; // Not a point of the curve: no signature is good under it.
  }
}

/** True for the text form of a public key: 32 bytes as base64url. */
export function isPublicKey(publicKey: string): boolean {
  return tryFromBase64url(publicKey, KEY_BYTES) !== undefined;
}

/**
 * Names a public key: the SHA-256 JWK thumbprint of RFC 7638 (RFC 8037 for Ed25519), base64url. It is the `cnf.jkt`
 * of tokens and the `kid` of the server's keys.
 */
export function thumbprint(publicKey: string): string {
  return sha256Text(`{"crv":"Ed25519","kty":"OKP","x":"${publicKey}"}`);
}

function withPublicKey(privateKey: KeyObject): SigningKeyPair {
  const { x } = crypto.createPublicKey(privateKey).export({ format: 'jwk' });
  return { publicKey: x!, privateKey };
}

function readPublicKey(publicKey: string): KeyObject {
  return crypto.createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: publicKey }, format: 'jwk' });
}

function readPrivateKey(pkcs8: Uint8Array): KeyObject | undefined {
  try {
    return crypto.createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' });
  } catch {
    return undefined; // The caller names the problem; OpenSSL's words may quote the key.
  }
}
