import { hkdfSync } from 'node:crypto';
import type { Queryable } from '../database/queryable.js';
import { toBase64url } from '../protocol/encoding.js';
import { exportPrivateKey, sign } from '../protocol/identity.js';
import type { KeySetKey } from '../protocol/key-set.js';
import { KeyPurpose, type SignedKeySet } from '../protocol/messages.js';
import {
  importTokenKeys,
  importTokenSigningKey,
  type TokenKeys,
  type TokenSigningKey,
} from '../protocol/token-keys.js';
import type { MasterKeys } from './master-keys.js';
import { publishKeySet } from './key-set-versions.js';
import type { SigningKeyRow } from './signing-keys.queries.js';
import { findOrMakeKeys, openCurrentKey, ROOT_PURPOSE, type PrivateKey } from './signing-keys.js';

/** A signature (base64url) and the key that made it, as they travel. */
export interface KeyedSignature {
  readonly kid: string;
  readonly signature: string;
}

/** The server's keys as loaded at one moment; the same on every replica. */
export interface ServerKeys {
  /** Root public key that workers pin, base64url. */
  readonly rootKey: string;
  readonly keySet: SignedKeySet;
  /** Signs `offerBytes`. */
  signOffer(bytes: Uint8Array): KeyedSignature;
  /** Signs `sessionStatementBytes`. */
  signSession(bytes: Uint8Array): KeyedSignature;
  readonly workerTokenKey: TokenSigningKey;
  readonly buildTokenKey: TokenSigningKey;
  /** Every key by which tokens are verified, also those that sign no more. */
  readonly tokenKeys: TokenKeys;
  /** Authenticates worker challenges (32 bytes), see worker-challenge.ts. */
  readonly challengeKey: Uint8Array;
}

/**
 * Loads the server's keys, making what is missing or about to end. Any number of servers may do so at once and end up
 * with the same keys. Called again (daily, or when a token names an unknown key) it notices what others have rotated.
 * Throws a DomainError when another master key sealed them.
 */
export async function loadServerKeys(db: Queryable, masterKeys: MasterKeys): Promise<ServerKeys> {
  const rows = await findOrMakeKeys(db, masterKeys);
  const root = openCurrentKey(rows, ROOT_PURPOSE, masterKeys);
  const { signed, document } = await publishKeySet(db, rows.filter(isPublished).map(toKeySetKey), root);
  const current = (purpose: KeyPurpose): PrivateKey => openCurrentKey(rows, purpose, masterKeys);
  return {
    rootKey: root.publicKey,
    keySet: signed,
    signOffer: signerOf(current(KeyPurpose.OFFER)),
    signSession: signerOf(current(KeyPurpose.SESSION)),
    workerTokenKey: await tokenKeyOf(current(KeyPurpose.WORKER_TOKEN)),
    buildTokenKey: await tokenKeyOf(current(KeyPurpose.BUILD_TOKEN)),
    tokenKeys: await importTokenKeys(document),
    challengeKey: deriveChallengeKey(root),
  };
}

function signerOf({ kid, privateKey }: PrivateKey): (bytes: Uint8Array) => KeyedSignature {
  return (bytes) => ({ kid, signature: sign(privateKey, bytes) });
}

function tokenKeyOf({ kid, privateKey }: PrivateKey): Promise<TokenSigningKey> {
  return importTokenSigningKey(kid, exportPrivateKey(privateKey));
}

function isPublished({ purpose }: SigningKeyRow): boolean {
  return purpose !== ROOT_PURPOSE;
}

function toKeySetKey(row: SigningKeyRow): KeySetKey {
  return {
    kid: row.kid,
    purpose: row.purpose as KeyPurpose,
    publicKey: toBase64url(row.publicKey),
    notAfter: row.notAfter.toISOString(),
  };
}

/** Every replica has the root key, so that a key derived from it needs no row, no envelope and no race of its own. */
function deriveChallengeKey(root: PrivateKey): Uint8Array {
  const secret = exportPrivateKey(root.privateKey);
  return new Uint8Array(hkdfSync('sha256', secret, new Uint8Array(), 'slipway/challenge-key/v1', 32));
}
