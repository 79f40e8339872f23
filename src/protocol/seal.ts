/**
 * Sealing of what only one worker may read, for one session of it: HPKE (RFC 9180; X25519, HKDF-SHA256,
 * AES-256-GCM) sets one context up per session, and each seal has a key of its own from the context's exporter. The
 * public-key operation is then paid once per session (1.3k/s) and not once per build.
 */
import { createCipheriv, createDecipheriv, randomBytes, type webcrypto } from 'node:crypto';
import {
  AEAD_AES_256_GCM,
  CipherSuite,
  DecapError,
  EncapError,
  KDF_HKDF_SHA256,
  KEM_DHKEM_X25519_HKDF_SHA256,
  type KeyPair,
  type RecipientContext,
  type SenderContext,
} from 'hpke';
import { ValidationError } from '../base/errors.js';
import { fromBase64url, toBase64url, tryFromBase64url } from './encoding.js';
import { lp } from './lp.js';
import type { SealContent } from './messages.js';
import { readSealContent } from './seal-content.js';

const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const SEAL_ID_BYTES = 16;
const X25519_BYTES = 32;

const suite = new CipherSuite(KEM_DHKEM_X25519_HKDF_SHA256, KDF_HKDF_SHA256, AEAD_AES_256_GCM);

/** What a sealing context is for; both sides must agree on it or nothing opens. */
export interface SealParties {
  readonly serverOrigin: string;
  readonly worker: string;
}

/** What one seal is bound to: opened for anything else, it does not open. */
export interface SealBinding {
  readonly session: string;
  readonly epoch: number;
  readonly build: string;
  readonly attempt: number;
  readonly worker: string;
  readonly slot: number;
  /** sha256 of the package's head (hash.ts, `sha256Text`). */
  readonly headSha256: string;
}

/** A seal as it travels in a BuildPackage. `seal` is base64url of nonce, ciphertext and tag. */
export interface Sealed {
  readonly sealId: string;
  readonly seal: string;
}

/** The server's end of a session's sealing context. */
export interface Sealer {
  /** The encapsulated key for the worker, base64url. */
  readonly enc: string;
  /** Seals under a fresh key and nonce, also when the same content is sealed again. */
  seal(content: SealContent, binding: SealBinding): Promise<Sealed>;
}

/** A seal's content, or that it was not made for this. */
export type Unsealed =
  { readonly outcome: 'opened'; readonly content: SealContent } | { readonly outcome: 'refused' };

/** The worker's end of a session's sealing context. */
export interface Unsealer {
  open(sealed: Sealed, binding: SealBinding): Promise<Unsealed>;
}

/** A worker's X25519 key for one connection; the private half cannot leave the process. */
export interface SessionKey {
  /** The raw 32 bytes as base64url. */
  readonly publicKey: string;
  readonly keyPair: KeyPair<webcrypto.CryptoKey>;
}

/** Makes the key of one connection. */
export async function generateSessionKey(): Promise<SessionKey> {
  const keyPair = await suite.GenerateKeyPair();
  return { publicKey: toBase64url(await suite.SerializePublicKey(keyPair.publicKey)), keyPair };
}

/** Sets the server's end up for a worker's session key. Throws a ValidationError unless that is an X25519 key. */
export async function openSealer(options: SealParties & { readonly sessionKey: string }): Promise<Sealer> {
  const raw = fromBase64url(options.sessionKey, 'sessionKey', X25519_BYTES);
  const info = contextInfo(options);
  const publicKey = await suite.DeserializePublicKey(raw);
  const setup = suite.SetupSender(publicKey, { info });
  const { encapsulatedSecret, ctx } = await setup.catch((error: unknown) => refusePoint('sessionKey', error));
  return {
    enc: toBase64url(encapsulatedSecret),
    seal: (content, binding) => sealContent(ctx, content, binding),
  };
}

/** Sets the worker's end up. Throws a ValidationError unless `enc` is an X25519 key. */
export async function openUnsealer(
  options: SealParties & { readonly sessionKey: SessionKey; readonly enc: string },
): Promise<Unsealer> {
  const enc = fromBase64url(options.enc, 'enc', X25519_BYTES);
  const setup = suite.SetupRecipient(options.sessionKey.keyPair, enc, { info: contextInfo(options) });
  const ctx = await setup.catch((error: unknown) => refusePoint('enc', error));
  return { open: (sealed, binding) => openContent(ctx, sealed, binding) };
}

/** Points of small order give an all-zero secret, which RFC 9180 refuses: the other side sent no real key. */
function refusePoint(field: string, error: unknown): never {
  if (!(error instanceof EncapError || error instanceof DecapError)) throw error;
  throw ValidationError.of(field, 'a point of small order', 'an X25519 public key');
}

/** HPKE's `info`: a context made for another server or worker derives other keys. */
function contextInfo({ serverOrigin, worker }: SealParties): Uint8Array {
  return lp('slipway/hpke/v1', serverOrigin, worker);
}

async function sealContent(ctx: SenderContext, content: SealContent, binding: SealBinding): Promise<Sealed> {
  const sealId = toBase64url(randomBytes(SEAL_ID_BYTES));
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, await deriveKey(ctx, binding, sealId), nonce);
  cipher.setAAD(associatedBytes(binding));
  const sealed = [nonce, cipher.update(JSON.stringify(content), 'utf8'), cipher.final(), cipher.getAuthTag()];
  return { sealId, seal: toBase64url(Buffer.concat(sealed)) };
}

async function openContent(ctx: RecipientContext, sealed: Sealed, binding: SealBinding): Promise<Unsealed> {
  const bytes = tryFromBase64url(sealed.seal);
  if (!bytes || bytes.length < NONCE_BYTES + TAG_BYTES) return { outcome: 'refused' };
  const plain = decrypt(await deriveKey(ctx, binding, sealed.sealId), bytes, associatedBytes(binding));
  const content = plain && readSealContent(plain);
  return content ? { outcome: 'opened', content } : { outcome: 'refused' };
}

function decrypt(key: Uint8Array, bytes: Uint8Array, associated: Uint8Array): Buffer | undefined {
  const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(associated).setAuthTag(bytes.subarray(-TAG_BYTES));
  const start = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
  try {
    return Buffer.concat([start, decipher.final()]);
  } catch {
    return undefined; // The tag does not fit: the one way in which opening fails.
  }
}

/** One key per sealing: a random nonce never meets another message under the same key. */
function deriveKey(
  ctx: SenderContext | RecipientContext,
  { build, attempt }: SealBinding,
  sealId: string,
): Promise<Uint8Array> {
  return ctx.Export(lp('slipway/seal/v1', build, attempt, sealId), KEY_BYTES);
}

function associatedBytes(binding: SealBinding): Uint8Array {
  const { session, epoch, build, attempt, worker, slot, headSha256 } = binding;
  return lp('slipway/seal/v1', session, epoch, build, attempt, worker, slot, headSha256);
}
