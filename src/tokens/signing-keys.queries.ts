import type { Queryable } from '../database/queryable.js';

/** A row of `signing_keys`; the root key has the purpose `root`, which no key set ever names. */
export interface SigningKeyRow {
  readonly kid: string;
  readonly purpose: string;
  readonly publicKey: Uint8Array;
  readonly secretEnveloped: Uint8Array;
  readonly notAfter: Date;
  /** False for a key that signs no more but whose signatures still count. */
  readonly isCurrent: boolean;
}

/** The row kept under `settings.key = 'key_set'`. */
export interface StoredKeySet {
  readonly version: number;
  readonly document: string;
  readonly signature: string;
}

/** Keys whose signatures count now, in a stable order. */
export async function findLiveKeys(db: Queryable): Promise<readonly SigningKeyRow[]> {
  const { rows } = await db.query<SigningKeyRow>(
    `select kid, purpose, public_key as "publicKey", secret_enveloped as "secretEnveloped",
       not_after as "notAfter", retired_at is null as "isCurrent"
     from signing_keys where not_after > slipway_now() order by kid`,
  );
  return rows;
}

/** Adds a key unless its purpose has a current one: of two servers that start together one is first, both go on. */
export async function insertKeyIfMissing(
  db: Queryable,
  key: {
    readonly kid: string;
    readonly purpose: string;
    readonly publicKey: Uint8Array;
    readonly secretEnveloped: Uint8Array;
    readonly lifeDays: number;
  },
): Promise<void> {
  await db.query(
    `insert into signing_keys (kid, purpose, public_key, secret_enveloped, not_after)
     values ($1, $2, $3, $4, slipway_now() + make_interval(days => $5)) on conflict do nothing`,
    [key.kid, key.purpose, key.publicKey, key.secretEnveloped, key.lifeDays],
  );
}

/** Takes keys, but never the root, that end within `days` out of signing; they go on verifying to their end. */
export async function retireEndingKeys(db: Queryable, days: number): Promise<void> {
  await db.query(
    `update signing_keys set retired_at = slipway_now()
     where retired_at is null and purpose <> 'root' and not_after <= slipway_now() + make_interval(days => $1)`,
    [days],
  );
}

/** The key set as published last. */
export async function findKeySet(db: Queryable): Promise<StoredKeySet | undefined> {
  const { rows } = await db.query<{ value: StoredKeySet }>(
    `select value from settings where key = 'key_set'`,
  );
  return rows[0]?.value;
}

/** Publishes a key set if the last one still is `previousVersion` (0: none); false when another server was first. */
export async function replaceKeySet(
  db: Queryable,
  keySet: StoredKeySet,
  previousVersion: number,
): Promise<boolean> {
  const { rowCount } = await db.query(
    `insert into settings (key, value) values ('key_set', $1)
     on conflict (key) do update set value = excluded.value, updated_at = slipway_now()
     where (settings.value ->> 'version')::integer = $2`,
    [JSON.stringify(keySet), previousVersion],
  );
  return rowCount === 1;
}
