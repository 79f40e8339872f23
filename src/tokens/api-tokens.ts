import { timingSafeEqual } from 'node:crypto';
import { ValidationError } from '../base/errors.js';
import { isStorable } from '../base/text.js';
import type { Queryable } from '../database/queryable.js';
import { hashToken } from '../protocol/enrolment-token.js';
import { makeUserToken, parseUserToken, tryParseUserToken } from '../protocol/user-token.js';
import {
  findApiToken,
  insertApiToken,
  insertApiTokenIfMissing,
  insertFirstApiToken,
  recordApiTokenUse,
  type ApiTokenRow,
  type NewApiToken,
} from './api-tokens.queries.js';

/** The scope that includes every other one. */
const ADMIN_SCOPE = 'admin';

const MAX_LIFE_S = 366 * 24 * 3600;
const FIRST_LIFE_S = MAX_LIFE_S;
const MAX_NAME_CHARS = 200;

/** What a new token may do, for whom, and for how long (at most a year: user tokens always expire). */
export interface ApiTokenRequest {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly lifeS: number;
}

/** A new user token; `token` is shown once. */
export interface CreatedApiToken {
  readonly token: string;
  readonly tokenId: string;
}

/** Makes a user token. Throws a ValidationError for a name, scopes or a life that cannot be. */
export async function createApiToken(db: Queryable, request: ApiTokenRequest): Promise<CreatedApiToken> {
  refuseBadRequest(request);
  const { row, created } = makeToken(request);
  await insertApiToken(db, row);
  return created;
}

/**
 * Makes the token of the first administrator, once in the life of a database: of servers that start together, and on
 * every later start, the others get null.
 */
export async function createFirstAdministratorToken(db: Queryable): Promise<CreatedApiToken | null> {
  const { row, created } = makeToken({
    name: 'first administrator',
    scopes: [ADMIN_SCOPE],
    lifeS: FIRST_LIFE_S,
  });
  return (await insertFirstApiToken(db, row)) ? created : null;
}

/**
 * Makes an administrator's token of one that the operator brings, unless it is known already: the server can start
 * again with it. Throws a ValidationError for what is no user token.
 */
export async function adoptAdministratorToken(db: Queryable, token: string): Promise<void> {
  const { tokenId } = parseUserToken(token);
  await insertApiTokenIfMissing(db, {
    tokenId,
    hash: hashToken(token),
    name: 'administrator',
    scopes: [ADMIN_SCOPE],
    lifeS: FIRST_LIFE_S,
  });
}

/** Whom a user token stands for. */
export interface ApiTokenHolder {
  readonly id: string;
  readonly tokenId: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly expiresAt: Date;
}

/** What came of verifying a user token; the reason is for logs, a caller hears UNAUTHENTICATED. */
export type ApiTokenCheck =
  | { readonly outcome: 'verified'; readonly holder: ApiTokenHolder }
  | { readonly outcome: 'rejected'; readonly reason: 'MALFORMED' | 'UNKNOWN' | 'REVOKED' | 'EXPIRED' };

/** Verifies a user token and records its use, at most once a minute. */
export async function verifyApiToken(db: Queryable, token: string): Promise<ApiTokenCheck> {
  const parsed = tryParseUserToken(token);
  if (!parsed) return { outcome: 'rejected', reason: 'MALFORMED' };
  const row = await findApiToken(db, parsed.tokenId);
  if (!row || !timingSafeEqual(row.hash, hashToken(token))) return { outcome: 'rejected', reason: 'UNKNOWN' };
  if (row.isRevoked) return { outcome: 'rejected', reason: 'REVOKED' };
  if (row.isExpired) return { outcome: 'rejected', reason: 'EXPIRED' };
  if (row.isUseStale) await recordApiTokenUse(db, row.id);
  return { outcome: 'verified', holder: holderOf(row) };
}

function holderOf({ id, tokenId, name, scopes, expiresAt }: ApiTokenRow): ApiTokenHolder {
  return { id, tokenId, name, scopes, expiresAt };
}

function makeToken(request: ApiTokenRequest): { row: NewApiToken; created: CreatedApiToken } {
  const { token, tokenId, hash } = makeUserToken();
  return { row: { ...request, tokenId, hash }, created: { token, tokenId } };
}

function refuseBadRequest({ name, scopes, lifeS }: ApiTokenRequest): void {
  if (name === '' || name.length > MAX_NAME_CHARS || !isStorable(name)) {
    throw ValidationError.of('name', name, `1 to ${MAX_NAME_CHARS} characters`);
  }
  if (scopes.length === 0 || !scopes.every((scope) => /^[a-z][a-z:_-]{0,63}$/.test(scope))) {
    throw ValidationError.of('scopes', scopes, 'at least one, each of lower-case letters');
  }
  if (!Number.isInteger(lifeS) || lifeS < 1 || lifeS > MAX_LIFE_S) {
    throw ValidationError.of('lifeS', lifeS, `1 to ${MAX_LIFE_S} seconds`);
  }
}
