/**
 * Secrets at rest: each has a data key of its own, which a master key wraps. Only data keys ever meet a master key, so
 * that a key service can take its place, and a rotation writes 60 bytes per secret without seeing any of them.
 */
import { createCipheriv, createDecipheriv, createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import { DomainError, ErrorCode } from '../base/errors.js';
import { lp } from '../protocol/lp.js';
import type { MasterKey, MasterKeys } from './master-keys.js';

const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const KEY_ID_BYTES = 8;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const WRAPPED_BYTES = NONCE_BYTES + KEY_BYTES + TAG_BYTES;
const HEADER_BYTES = 1 + KEY_ID_BYTES;
const LEAST_BYTES = HEADER_BYTES + WRAPPED_BYTES + NONCE_BYTES + TAG_BYTES;

/** Bound the encrypted secret to the master key's name, so that a rotation had to encrypt it anew; still read. */
const FIRST_VERSION = 1;
const VERSION = 2;

/** What an envelope belongs to, such as `['signing_keys', purpose, kid]`: moved to another row, it does not open. */
export type EnvelopeOwner = readonly string[];

/** An envelope that does not open: another master key sealed it, or it was changed, or moved to another row. */
export class UnreadableEnvelope extends DomainError {
  constructor(message: string, cause?: unknown) {
    super(ErrorCode.INTERNAL, message, {}, { cause });
  }
}

/** An envelope in its parts. */
interface Envelope {
  readonly version: number;
  readonly keyId: string;
  readonly wrappedKey: Buffer;
  readonly sealed: Buffer;
}

/** Encrypts a secret for its owner. Layout: version, key id, wrapped data key, encrypted secret. */
export function sealEnvelope(keys: MasterKeys, secret: Uint8Array, owner: EnvelopeOwner): Uint8Array {
  const dataKey = createSecretKey(randomBytes(KEY_BYTES));
  return assemble(keys.current, dataKey, {
    owner,
    sealed: encrypt(dataKey, secret, secretBinding(owner)),
  });
}

/** Decrypts an envelope. Throws {@link UnreadableEnvelope}, which says nothing of what is inside. */
export function openEnvelope(keys: MasterKeys, envelope: Uint8Array, owner: EnvelopeOwner): Uint8Array {
  const parts = disassemble(envelope, owner);
  return openParts(masterOf(keys, parts, owner), parts, owner);
}

/**
 * The same secret under the current master key; undefined when it is under that already. Throws
 * {@link UnreadableEnvelope}.
 */
export function rewrapEnvelope(
  keys: MasterKeys,
  envelope: Uint8Array,
  owner: EnvelopeOwner,
): Uint8Array | undefined {
  const parts = disassemble(envelope, owner);
  if (parts.keyId === keys.current.keyId) return undefined;
  const master = masterOf(keys, parts, owner);
  if (parts.version === FIRST_VERSION) return sealEnvelope(keys, openParts(master, parts, owner), owner);
  const dataKey = unwrap(master, parts, owner);
  return assemble(keys.current, dataKey, { owner, sealed: parts.sealed });
}

function assemble(
  master: MasterKey,
  dataKey: KeyObject,
  { owner, sealed }: { owner: EnvelopeOwner; sealed: Uint8Array },
): Uint8Array {
  const header = Buffer.concat([Buffer.of(VERSION), Buffer.from(master.keyId, 'hex')]);
  const wrappedKey = encrypt(master.key, dataKey.export(), keyBinding(VERSION, master.keyId, owner));
  return Buffer.concat([header, wrappedKey, sealed]);
}

function disassemble(envelope: Uint8Array, owner: EnvelopeOwner): Envelope {
  const bytes = Buffer.from(envelope);
  const version = bytes[0] ?? 0;
  if ((version !== VERSION && version !== FIRST_VERSION) || bytes.length < LEAST_BYTES) {
    throw new UnreadableEnvelope(
      `what is stored for ${owner.join(' ')} is no envelope of version ${VERSION}`,
    );
  }
  return {
    version,
    keyId: bytes.subarray(1, HEADER_BYTES).toString('hex'),
    wrappedKey: bytes.subarray(HEADER_BYTES, HEADER_BYTES + WRAPPED_BYTES),
    sealed: bytes.subarray(HEADER_BYTES + WRAPPED_BYTES),
  };
}

function masterOf(keys: MasterKeys, { keyId }: Envelope, owner: EnvelopeOwner): MasterKey {
  const master = keys.find(keyId);
  if (master !== undefined) return master;
  throw new UnreadableEnvelope(
    `${owner.join(' ')} is sealed by master key ${keyId}, this server has ${keys.keyIds.join(', ')}`,
  );
}

function openParts(master: MasterKey, parts: Envelope, owner: EnvelopeOwner): Uint8Array {
  const dataKey = unwrap(master, parts, owner);
  const binding =
    parts.version === FIRST_VERSION ? keyBinding(FIRST_VERSION, parts.keyId, owner) : secretBinding(owner);
  return decrypting(owner, () => decrypt(dataKey, parts.sealed, binding));
}

function unwrap(master: MasterKey, { version, wrappedKey }: Envelope, owner: EnvelopeOwner): KeyObject {
  const binding = keyBinding(version, master.keyId, owner);
  return decrypting(owner, () => createSecretKey(decrypt(master.key, wrappedKey, binding)));
}

function decrypting<T>(owner: EnvelopeOwner, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new UnreadableEnvelope(`the envelope of ${owner.join(' ')} was changed or is another one's`, cause);
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

/** The wrapped key names its master key too; version 1 bound the secret itself by the same bytes. */
function keyBinding(version: number, keyId: string, owner: EnvelopeOwner): Uint8Array {
  return lp(`slipway/envelope/v${version}`, keyId, ...owner);
}

function secretBinding(owner: EnvelopeOwner): Uint8Array {
  return lp(`slipway/envelope/v${VERSION}/secret`, ...owner);
}
