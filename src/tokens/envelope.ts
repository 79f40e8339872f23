/**
 * Secrets at rest: each has a data key of its own, which the master key wraps. Only data keys ever meet the master
 * key, so that a key service can take its place, and a new one re-wraps 32 bytes per secret.
 */
import { createCipheriv, createDecipheriv, createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import { DomainError, ErrorCode } from '../base/errors.js';
import { sha256 } from '../protocol/hash.js';
import { lp } from '../protocol/lp.js';

const CIPHER = 'aes-256-gcm';
const VERSION = 1;
const KEY_BYTES = 32;
const KEY_ID_BYTES = 8;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const WRAPPED_BYTES = NONCE_BYTES + KEY_BYTES + TAG_BYTES;
const HEADER_BYTES = 1 + KEY_ID_BYTES;

/** The key that wraps all others; `keyId` (16 hex digits) follows from it and stands in every envelope. */
export interface MasterKey {
  readonly keyId: string;
  readonly key: KeyObject;
}

/** What an envelope belongs to, such as `['signing_keys', kid]`: moved to another row, it does not open. */
export type EnvelopeOwner = readonly string[];

/** The master key of 32 configured bytes. Throws a DomainError for any other length. */
export function masterKeyOf(raw: Uint8Array): MasterKey {
  if (raw.byteLength !== KEY_BYTES) {
    throw broken(`the master key has ${raw.byteLength} bytes, expected ${KEY_BYTES}`);
  }
  const name = sha256(lp('slipway/master-key-id/v1', raw)).subarray(0, KEY_ID_BYTES);
  return { keyId: Buffer.from(name).toString('hex'), key: createSecretKey(raw) };
}

/** Encrypts a secret for its owner. Layout: version, key id, wrapped data key, encrypted secret. */
export function sealEnvelope(master: MasterKey, secret: Uint8Array, owner: EnvelopeOwner): Uint8Array {
  const header = Buffer.concat([Buffer.of(VERSION), Buffer.from(master.keyId, 'hex')]);
  const dataKey = createSecretKey(randomBytes(KEY_BYTES));
  const associated = associatedBytes(master.keyId, owner);
  return Buffer.concat([
    header,
    encrypt(master.key, dataKey.export(), associated),
    encrypt(dataKey, secret, associated),
  ]);
}

/** Decrypts an envelope. Throws a DomainError when another master key sealed it, or it was changed or moved. */
export function openEnvelope(master: MasterKey, envelope: Uint8Array, owner: EnvelopeOwner): Uint8Array {
  const bytes = Buffer.from(envelope);
  const keyId = bytes.subarray(1, HEADER_BYTES).toString('hex');
  if (bytes[0] !== VERSION || bytes.length < HEADER_BYTES + WRAPPED_BYTES + NONCE_BYTES + TAG_BYTES) {
    throw broken(`what is stored for ${owner.join(' ')} is no envelope of version ${VERSION}`);
  }
  if (keyId !== master.keyId) {
    throw broken(`${owner.join(' ')} is sealed by master key ${keyId}, this server has ${master.keyId}`);
  }
  return unwrap(master, bytes.subarray(HEADER_BYTES), owner);
}

function unwrap(master: MasterKey, body: Buffer, owner: EnvelopeOwner): Uint8Array {
  const associated = associatedBytes(master.keyId, owner);
  try {
    const dataKey = createSecretKey(decrypt(master.key, body.subarray(0, WRAPPED_BYTES), associated));
    return decrypt(dataKey, body.subarray(WRAPPED_BYTES), associated);
  } catch (cause) {
    throw broken(`the envelope of ${owner.join(' ')} was changed or is another one's`, cause);
  }
}

function encrypt(key: KeyObject, plain: Uint8Array, associated: Uint8Array): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce).setAAD(associated);
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(key: KeyObject, bytes: Buffer, associated: Uint8Array): Buffer {
  const nonce = bytes.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES }).setAAD(associated);
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
}

function associatedBytes(keyId: string, owner: EnvelopeOwner): Uint8Array {
  return lp('slipway/envelope/v1', keyId, ...owner);
}

function broken(message: string, cause?: unknown): DomainError {
  return new DomainError(ErrorCode.INTERNAL, message, {}, { cause });
}
