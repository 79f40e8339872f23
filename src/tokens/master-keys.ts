import { createSecretKey, type KeyObject } from 'node:crypto';
import { DomainError, ErrorCode } from '../base/errors.js';
import { sha256 } from '../protocol/hash.js';
import { lp } from '../protocol/lp.js';

const KEY_BYTES = 32;
const KEY_ID_BYTES = 8;

/** A key that wraps data keys; `keyId` (16 hex digits) follows from it and stands in every envelope. */
export interface MasterKey {
  readonly keyId: string;
  readonly key: KeyObject;
}

/**
 * The master keys that a server was given. What it writes is sealed by the current one; the others are for reading: the
 * next one before a rotation, the last one until it has ended.
 */
export class MasterKeys {
  readonly #byId: ReadonlyMap<string, MasterKey>;

  constructor(
    readonly current: MasterKey,
    forReading: readonly MasterKey[] = [],
  ) {
    this.#byId = new Map([...forReading, current].map((master) => [master.keyId, master]));
  }

  /** Names of all of them, sorted. */
  get keyIds(): readonly string[] {
    return [...this.#byId.keys()].sort();
  }

  /** The key of that name, if this server has it. */
  find(keyId: string): MasterKey | undefined {
    return this.#byId.get(keyId);
  }
}

/** The master keys of configured bytes, 32 each. Throws a DomainError for any other length. */
export function masterKeysOf(current: Uint8Array, forReading: readonly Uint8Array[] = []): MasterKeys {
  return new MasterKeys(masterKeyOf(current), forReading.map(masterKeyOf));
}

function masterKeyOf(raw: Uint8Array): MasterKey {
  if (raw.byteLength !== KEY_BYTES) {
    throw new DomainError(
      ErrorCode.INTERNAL,
      `the master key has ${raw.byteLength} bytes, expected ${KEY_BYTES}`,
    );
  }
  const name = sha256(lp('slipway/master-key-id/v1', raw)).subarray(0, KEY_ID_BYTES);
  return { keyId: Buffer.from(name).toString('hex'), key: createSecretKey(raw) };
}
