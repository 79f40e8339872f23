import type { Queryable } from '../database/queryable.js';

/** What is kept of a user token. */
export interface NewApiToken {
  readonly tokenId: string;
  readonly hash: Uint8Array;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly lifeS: number;
}

/** A row of `api_tokens` as its verification needs it. */
export interface ApiTokenRow {
  readonly id: string;
  readonly tokenId: string;
  readonly name: string;
  readonly hash: Uint8Array;
  readonly scopes: readonly string[];
  readonly expiresAt: Date;
  readonly isExpired: boolean;
  readonly isRevoked: boolean;
  /** Whether its use was last recorded more than a minute ago. */
  readonly isUseStale: boolean;
}

const VALUES = '$1, $2, $3, $4::text[], slipway_now() + make_interval(secs => $5)';

/** Adds a token. */
export async function insertApiToken(db: Queryable, token: NewApiToken): Promise<void> {
  await db.query(
    `insert into api_tokens (token_id, hash, name, scopes, expires_at) values (${VALUES})`,
    parametersOf(token),
  );
}

/** Adds a token unless its id is taken. */
export async function insertApiTokenIfMissing(db: Queryable, token: NewApiToken): Promise<void> {
  await db.query(
    `insert into api_tokens (token_id, hash, name, scopes, expires_at) values (${VALUES}) on conflict do nothing`,
    parametersOf(token),
  );
}

/**
 * Adds the first administrator's token, once in the life of a database; false when there was one. The settings row is
 * the decision: a look at api_tokens would let two servers that start together both find none.
 */
export async function insertFirstApiToken(db: Queryable, token: NewApiToken): Promise<boolean> {
  const { rowCount } = await db.query(
    `with first_time as (
       insert into settings (key, value) values ('first_administrator', to_jsonb($1::text))
       on conflict do nothing returning key
     )
     insert into api_tokens (token_id, hash, name, scopes, expires_at) select ${VALUES} from first_time`,
    parametersOf(token),
  );
  return rowCount === 1;
}

/** The row of a token id. */
export async function findApiToken(db: Queryable, tokenId: string): Promise<ApiTokenRow | undefined> {
  const { rows } = await db.query<ApiTokenRow>(
    `select id, token_id as "tokenId", name, hash, scopes, expires_at as "expiresAt",
       expires_at <= slipway_now() as "isExpired", revoked_at is not null as "isRevoked",
       coalesce(last_used_at < slipway_now() - interval '1 minute', true) as "isUseStale"
     from api_tokens where token_id = $1`,
    [tokenId],
  );
  return rows[0];
}

/** Records a use, at most once a minute also when many calls find it stale at once. */
export async function recordApiTokenUse(db: Queryable, id: string): Promise<void> {
  await db.query(
    `update api_tokens set last_used_at = slipway_now()
     where id = $1 and coalesce(last_used_at < slipway_now() - interval '1 minute', true)`,
    [id],
  );
}

/** Ends a token for good; false when there is none of that id. A second time changes nothing. */
export async function revokeApiToken(db: Queryable, tokenId: string): Promise<boolean> {
  const { rowCount } = await db.query(
    `update api_tokens set revoked_at = coalesce(revoked_at, slipway_now()) where token_id = $1`,
    [tokenId],
  );
  return rowCount === 1;
}

function parametersOf(token: NewApiToken): unknown[] {
  return [token.tokenId, token.hash, token.name, token.scopes, token.lifeS];
}
