import type { KeyObject } from 'node:crypto';
import { isPublicKey, sign, verify } from './identity.js';
import { KeyPurpose, type KeySetDocument, type SignedKeySet } from './messages.js';
import { keySetBytes } from './signatures.js';

/** One key of a key set. */
export type KeySetKey = KeySetDocument['keys'][number];

/** Signs a key set with the root key; what is signed is the very text that travels. */
export function signKeySet(document: KeySetDocument, rootKey: KeyObject): SignedKeySet {
  const text = JSON.stringify(document);
  return { document: text, signature: sign(rootKey, keySetBytes(text)) };
}

/** Why a key set is not taken over. */
export type KeySetRejection = 'BAD_SIGNATURE' | 'MALFORMED' | 'OLDER_VERSION' | 'SAME_VERSION_OTHER_KEYS';

/** What became of a key set that a server sent; with `unchanged` the worker has it already. */
export type KeySetOutcome =
  | { readonly outcome: 'accepted' | 'unchanged'; readonly document: KeySetDocument }
  | { readonly outcome: 'rejected'; readonly reason: KeySetRejection };

/**
 * Decides on a key set that arrived: the pinned root key (base64url) must have signed it, and its version must not
 * be below the current one, so that nobody brings a retired key back by replaying an old set.
 */
export function acceptKeySet(
  current: KeySetDocument | null,
  signed: SignedKeySet,
  rootKey: string,
): KeySetOutcome {
  if (!verify(rootKey, keySetBytes(signed.document), signed.signature)) return rejected('BAD_SIGNATURE');
  const document = parseKeySet(signed.document);
  if (!document) return rejected('MALFORMED');
  if (!current || document.version > current.version) return { outcome: 'accepted', document };
  if (document.version < current.version) return rejected('OLDER_VERSION');
  if (JSON.stringify(document) !== JSON.stringify(current)) return rejected('SAME_VERSION_OTHER_KEYS');
  return { outcome: 'unchanged', document };
}

/** Why a key may not be used for something. */
export type KeyRejection = 'UNKNOWN_KEY' | 'WRONG_PURPOSE' | 'KEY_EXPIRED';

/** A key that may be used, or why not. */
export type KeyLookup =
  | { readonly outcome: 'found'; readonly key: KeySetKey }
  | { readonly outcome: 'rejected'; readonly reason: KeyRejection };

/** What one wants a key for. `nowMs`: milliseconds since the epoch. */
export interface KeyUse {
  readonly kid: string;
  readonly purpose: KeyPurpose;
  readonly nowMs: number;
}

/** Looks a key up by its id, for one purpose, at one time. Only the set's own keys are ever used. */
export function findKey(document: KeySetDocument, use: KeyUse): KeyLookup {
  const key = document.keys.find(({ kid }) => kid === use.kid);
  if (!key) return rejected('UNKNOWN_KEY');
  const reason = refuseKey({ purpose: key.purpose, notAfterMs: Date.parse(key.notAfter) }, use);
  return reason ? rejected(reason) : { outcome: 'found', key };
}

/** Why a key of the set may not serve `use`, or null when it may. */
export function refuseKey(
  key: { readonly purpose: KeyPurpose; readonly notAfterMs: number },
  use: KeyUse,
): KeyRejection | null {
  if (key.purpose !== use.purpose) return 'WRONG_PURPOSE';
  return use.nowMs <= key.notAfterMs ? null : 'KEY_EXPIRED';
}

/** Whether a server key signed something, or why its signature does not count. */
export type SignatureCheck = 'VERIFIED' | KeyRejection | 'BAD_SIGNATURE';

/** Checks a signature by a key of the set, e.g. of a frame (`offer`) or of a session statement (`session`). */
export function verifyByKeySet(
  document: KeySetDocument,
  signed: KeyUse & { readonly bytes: Uint8Array; readonly signature: string },
): SignatureCheck {
  const lookup = findKey(document, signed);
  if (lookup.outcome === 'rejected') return lookup.reason;
  return verify(lookup.key.publicKey, signed.bytes, signed.signature) ? 'VERIFIED' : 'BAD_SIGNATURE';
}

function rejected<Reason>(reason: Reason): { readonly outcome: 'rejected'; readonly reason: Reason } {
  return { outcome: 'rejected', reason };
}

/** Reads the text of a key set whose signature is good; undefined when it has another shape. */
export function parseKeySet(text: string): KeySetDocument | undefined {
  const document = parseJson(text) as KeySetDocument | undefined;
  const isWellFormed =
    Number.isSafeInteger(document?.version) && Array.isArray(document?.keys) && document.keys.every(isKey);
  return isWellFormed ? document : undefined;
}

function isKey(key: Partial<Record<keyof KeySetKey, unknown>> | null): boolean {
  return (
    typeof key?.kid === 'string' &&
    (Object.values(KeyPurpose) as unknown[]).includes(key.purpose) &&
    typeof key.publicKey === 'string' &&
    isPublicKey(key.publicKey) &&
    typeof key.notAfter === 'string' &&
    !Number.isNaN(Date.parse(key.notAfter))
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // The caller answers MALFORMED.
  }
}
