import type { KeyObject } from 'node:crypto';
import { DomainError, ErrorCode } from '../base/errors.js';
import type { Queryable } from '../database/queryable.js';
import { fromBase64url } from '../protocol/encoding.js';
import { exportPrivateKey, generateKeyPair, importPrivateKey, thumbprint } from '../protocol/identity.js';
import { KeyPurpose } from '../protocol/messages.js';
import { openEnvelope, sealEnvelope, type EnvelopeOwner } from './envelope.js';
import { envelopedTable } from './enveloped-table.js';
import type { MasterKeys } from './master-keys.js';
import {
  findLiveKeys,
  insertKeyIfMissing,
  retireEndingKeys,
  type SigningKeyRow,
} from './signing-keys.queries.js';

/** The key that signs key sets and nothing else; no key set names it. */
export const ROOT_PURPOSE = 'root';

/** Workers pin the root key: it has no successor unless they are enrolled again. */
const ROOT_LIFE_DAYS = 20 * 365;
const KEY_LIFE_DAYS = 365;
/** A key gets its successor this long before its end, so that no token outlives the key that signed it. */
const ROTATE_BEFORE_DAYS = 30;

/** The envelopes of signing keys, for a rotation of master keys. */
export const signingKeyEnvelopes = envelopedTable<{ purpose: string; kid: string }>({
  table: 'signing_keys',
  column: 'secret_enveloped',
  columns: ['purpose', 'kid'],
  ownerOf: ({ kid, purpose }) => ownerOf(kid, purpose),
});

/** One of the server's keys, opened. */
export interface PrivateKey {
  readonly kid: string;
  /** Base64url. */
  readonly publicKey: string;
  readonly privateKey: KeyObject;
}

/**
 * The rows of all keys that count, after making what is missing or about to end. Race-safe: of several servers the
 * first one's key stays.
 */
export async function findOrMakeKeys(
  db: Queryable,
  masterKeys: MasterKeys,
): Promise<readonly SigningKeyRow[]> {
  await retireEndingKeys(db, ROTATE_BEFORE_DAYS);
  const rows = await findLiveKeys(db);
  const purposes = [ROOT_PURPOSE, ...Object.values(KeyPurpose)];
  const missing = purposes.filter((purpose) => !findCurrent(rows, purpose));
  if (missing.length === 0) return rows;
  for (const purpose of missing) await insertKeyIfMissing(db, makeKey(purpose, masterKeys));
  return findLiveKeys(db);
}

/** Opens the key that signs for a purpose. Throws a DomainError when it is missing or another master key sealed it. */
export function openCurrentKey(
  rows: readonly SigningKeyRow[],
  purpose: string,
  masterKeys: MasterKeys,
): PrivateKey {
  const row = findCurrent(rows, purpose);
  if (!row) throw new DomainError(ErrorCode.INTERNAL, `there is no valid signing key for ${purpose}`);
  const secret = openEnvelope(masterKeys, row.secretEnveloped, ownerOf(row.kid, purpose));
  return { kid: row.kid, ...importPrivateKey(secret) };
}

function findCurrent(rows: readonly SigningKeyRow[], purpose: string): SigningKeyRow | undefined {
  return rows.find((row) => row.purpose === purpose && row.isCurrent);
}

function makeKey(purpose: string, masterKeys: MasterKeys): Parameters<typeof insertKeyIfMissing>[1] {
  const { publicKey, privateKey } = generateKeyPair();
  const kid = thumbprint(publicKey);
  return {
    kid,
    purpose,
    publicKey: fromBase64url(publicKey, 'publicKey'),
    secretEnveloped: sealEnvelope(masterKeys, exportPrivateKey(privateKey), ownerOf(kid, purpose)),
    lifeDays: purpose === ROOT_PURPOSE ? ROOT_LIFE_DAYS : KEY_LIFE_DAYS,
  };
}

function ownerOf(kid: string, purpose: string): EnvelopeOwner {
  return ['signing_keys', purpose, kid];
}
