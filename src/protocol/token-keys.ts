import { webcrypto } from 'node:crypto';
import { PublicProtocol } from 'paseto';
import {
  ImportPublicKeyFactory,
  SecretKeyFromCryptoKey,
  type PublicKey,
  type SecretKey,
} from 'paseto/v4/public';
import type { KeyPurpose, KeySetDocument } from './messages.js';

const paseto = new PublicProtocol(ImportPublicKeyFactory);

/** A key that signs tokens; `kid` is how their footer names it. */
export interface TokenSigningKey {
  readonly kid: string;
  readonly secretKey: SecretKey;
}

/** A key by which tokens of its one purpose are verified, until `notAfterMs` (milliseconds since the epoch). */
export interface TokenKey {
  readonly purpose: KeyPurpose;
  readonly notAfterMs: number;
  readonly publicKey: PublicKey;
}

/** Keys by which tokens are verified, by `kid`: an allow-list, never a place to fetch keys from. */
export type TokenKeys = ReadonlyMap<string, TokenKey>;

/** Readies a private key (PKCS #8) for signing tokens. */
export async function importTokenSigningKey(kid: string, pkcs8: Uint8Array): Promise<TokenSigningKey> {
  // Extractable, because the library derives the public half by exporting it.
  const key = await webcrypto.subtle.importKey('pkcs8', Uint8Array.from(pkcs8), 'Ed25519', true, ['sign']);
  return { kid, secretKey: await SecretKeyFromCryptoKey(key) };
}

/** Readies the keys of a key set for verifying tokens. */
export async function importTokenKeys(document: KeySetDocument): Promise<TokenKeys> {
  const entries = document.keys.map(async ({ kid, purpose, publicKey, notAfter }) => {
    const key = await paseto.ImportPublicKey(`k4.public.${publicKey}`);
    return [kid, { purpose, notAfterMs: Date.parse(notAfter), publicKey: key }] as const;
  });
  return new Map(await Promise.all(entries));
}
