import { DomainError, ErrorCode, ValidationError } from '../base/errors.js';
import type { Queryable } from '../database/queryable.js';
import { rewrapEnvelope, UnreadableEnvelope } from './envelope.js';
import { countServersWithout } from './enveloped-table.queries.js';
import type { EnvelopedTable, StaleEnvelope } from './enveloped-table.js';
import type { MasterKeys } from './master-keys.js';

/** What a rotation needs to know of the server that does it. */
export interface RotationOptions {
  readonly db: Queryable;
  readonly masterKeys: MasterKeys;
  readonly tables: readonly EnvelopedTable[];
}

/** Envelopes of one table under one master key. */
export interface MasterKeyUse {
  readonly table: string;
  readonly keyId: string;
  readonly envelopes: number;
}

/** Where the envelopes of an installation stand. */
export interface MasterKeyState {
  /** Name of the key that seals what this server writes. */
  readonly currentKeyId: string;
  /** Names of all keys that this server has. */
  readonly knownKeyIds: readonly string[];
  readonly uses: readonly MasterKeyUse[];
  /** Servers that live and could not read what the current key seals. */
  readonly serversWithout: number;
}

/** What one call of {@link rotateMasterKey} has done. */
export interface Rotation extends MasterKeyState {
  /** Envelopes that this call has brought under the current key. */
  readonly rewrapped: number;
  /** Envelopes that are under another key still. */
  readonly remaining: number;
  /** Some of those that cannot be: their key is not here, or they were changed. For people. */
  readonly unreadable: readonly string[];
}

/** Envelopes that are read, wrapped and written at once; each write is a statement of a few milliseconds. */
const BATCH = 100;
const MAX_LIMIT = 10_000;
const MAX_SHOWN = 20;

/** Which master keys are in use for what. */
export async function readMasterKeyState({
  db,
  masterKeys,
  tables,
}: RotationOptions): Promise<MasterKeyState> {
  const uses: MasterKeyUse[] = [];
  for (const table of tables)
    for (const [keyId, envelopes] of await table.countByKey(db))
      uses.push({ table: table.table, keyId, envelopes });
  return {
    currentKeyId: masterKeys.current.keyId,
    knownKeyIds: masterKeys.keyIds,
    uses,
    serversWithout: await countServersWithout(db, masterKeys.current.keyId),
  };
}

/**
 * Brings up to `limit` envelopes under the current master key, while servers run: each is replaced only if it
 * still is what was read, so that it may be called by anybody, any number of times, and goes on where it was
 * interrupted. Over once nothing remains. Throws a CONFLICT while a server lives that could not read the result.
 */
export async function rotateMasterKey(options: RotationOptions, limit: number): Promise<Rotation> {
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT)
    throw ValidationError.of('limit', limit, `a whole number from 1 to ${MAX_LIMIT}`);
  const { keyId } = options.masterKeys.current;
  const without = await countServersWithout(options.db, keyId);
  if (without > 0) throw notEverywhere(keyId, without);
  const unreadable: string[] = [];
  let rewrapped = 0;
  for (const table of options.tables) {
    if (rewrapped >= limit) break;
    rewrapped += await rewrapTable(options, table, { limit: limit - rewrapped, unreadable });
  }
  const state = await readMasterKeyState(options);
  const remaining = state.uses
    .filter((use) => use.keyId !== keyId)
    .reduce((sum, { envelopes }) => sum + envelopes, 0);
  return { ...state, rewrapped, remaining, unreadable: unreadable.slice(0, MAX_SHOWN) };
}

async function rewrapTable(
  { db, masterKeys }: RotationOptions,
  table: EnvelopedTable,
  { limit, unreadable }: { readonly limit: number; readonly unreadable: string[] },
): Promise<number> {
  const { keyId } = masterKeys.current;
  let rewrapped = 0;
  let after: string | null = null;
  while (rewrapped < limit) {
    const size = Math.min(BATCH, limit - rewrapped);
    const page: readonly StaleEnvelope[] = await table.findStale(db, { keyId, after, limit: size });
    const fresh = page.flatMap((stale) => rewrap(masterKeys, stale, unreadable));
    if (fresh.length > 0) rewrapped += await table.replace(db, fresh);
    if (page.length < size) break;
    after = page.at(-1)?.id ?? null;
  }
  return rewrapped;
}

/** One that cannot be wrapped anew is told of and left alone: it must not stop the others. */
function rewrap(masterKeys: MasterKeys, { id, envelope, owner }: StaleEnvelope, unreadable: string[]) {
  try {
    const after = rewrapEnvelope(masterKeys, envelope, owner);
    return after === undefined ? [] : [{ id, before: envelope, after }];
  } catch (error) {
    if (!(error instanceof UnreadableEnvelope)) throw error;
    unreadable.push(error.message);
    return [];
  }
}

function notEverywhere(keyId: string, without: number): DomainError {
  return new DomainError(
    ErrorCode.CONFLICT,
    `${without} running server(s) do not have master key ${keyId}, expected all of them to: give it to them in SLIPWAY_MASTER_KEYS_FOR_READING first`,
    { keyId, serversWithout: without },
  );
}
