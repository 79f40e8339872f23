import { DomainError, ErrorCode } from '../base/errors.js';
import type { Queryable } from '../database/queryable.js';
import { verify } from '../protocol/identity.js';
import { parseKeySet, signKeySet, type KeySetKey } from '../protocol/key-set.js';
import type { KeySetDocument, SignedKeySet } from '../protocol/messages.js';
import { keySetBytes } from '../protocol/signatures.js';
import { findKeySet, replaceKeySet, type StoredKeySet } from './signing-keys.queries.js';
import type { PrivateKey } from './signing-keys.js';

const MAX_ROUNDS = 5;

/** A key set as workers get it, with what it says. */
export interface PublishedKeySet {
  readonly signed: SignedKeySet;
  readonly document: KeySetDocument;
}

/**
 * The published key set with exactly these keys: the last one if it has them, else a new one with the next version.
 * Versions only grow, also between servers that start together.
 */
export async function publishKeySet(
  db: Queryable,
  keys: readonly KeySetKey[],
  root: PrivateKey,
): Promise<PublishedKeySet> {
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const stored = await findKeySet(db);
    const current = stored && readStored(stored, keys, root);
    if (current) return current;
    const previousVersion = stored?.version ?? 0;
    const document: KeySetDocument = { version: previousVersion + 1, keys };
    const signed = signKeySet(document, root.privateKey);
    if (await replaceKeySet(db, { version: document.version, ...signed }, previousVersion)) {
      return { signed, document };
    }
  }
  throw new DomainError(ErrorCode.CONFLICT, `the key set changed ${MAX_ROUNDS} times while it was published`);
}

/** What is stored, if it has these keys and this root signed it. */
function readStored(
  stored: StoredKeySet,
  keys: readonly KeySetKey[],
  root: PrivateKey,
): PublishedKeySet | undefined {
  const document = parseKeySet(stored.document);
  const isCurrent =
    JSON.stringify(document?.keys) === JSON.stringify(keys) &&
    verify(root.publicKey, keySetBytes(stored.document), stored.signature);
  const signed = { document: stored.document, signature: stored.signature };
  return isCurrent && document ? { signed, document } : undefined;
}
