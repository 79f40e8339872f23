import { isPublicKey } from '../../protocol/identity.js';
import { parseKeySet } from '../../protocol/key-set.js';
import type { KeySetDocument, SignedKeySet } from '../../protocol/messages.js';

/** What a worker knows once it is registered. */
export interface Registration {
  readonly workerId: string;
  /** The one key that it pins (base64url); every key set must be signed by it. */
  readonly rootKey: string;
  readonly serverOrigin: string;
  /** The newest key set that the root key vouched for. */
  readonly keySet: SignedKeySet;
  /** Epoch of the last session; 0 before the first. */
  readonly lastEpoch: number;
}

/** The registration as it is kept on disk. */
export function serialiseRegistration(registration: Registration): string {
  return `${JSON.stringify({ version: 1, ...registration }, null, 2)}\n`;
}

/** Reads what {@link serialiseRegistration} wrote; undefined when it is anything else. */
export function parseRegistration(text: string): Registration | undefined {
  const found = parseJson(text) as (Partial<Registration> & { version?: unknown }) | null | undefined;
  const isWhole =
    found?.version === 1 &&
    typeof found.workerId === 'string' &&
    typeof found.rootKey === 'string' &&
    isPublicKey(found.rootKey) &&
    typeof found.serverOrigin === 'string' &&
    typeof found.keySet?.document === 'string' &&
    typeof found.keySet.signature === 'string' &&
    Number.isSafeInteger(found.lastEpoch);
  if (!isWhole || keySetOf(found as Registration) === undefined) return undefined;
  const { workerId, rootKey, serverOrigin, keySet, lastEpoch } = found as Registration;
  return { workerId, rootKey, serverOrigin, keySet, lastEpoch };
}

/** The key set of a registration. It was verified before it was kept. */
export function keySetOf(registration: Registration): KeySetDocument | undefined {
  return parseKeySet(registration.keySet.document);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // The caller says that the file is broken.
  }
}
