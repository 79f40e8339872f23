import { DomainError, ErrorCode } from '../base/errors.js';
import type { Queryable } from '../database/queryable.js';
import { verifyApiToken } from '../tokens/index.js';
import { ANONYMOUS, type Principal } from './principal.js';

/** A header longer than this is no token of ours, and is not looked at. */
const MAX_HEADER_CHARS = 1024;

/**
 * The principal of an `Authorization` header: anonymous without one. Throws UNAUTHENTICATED for a token that is
 * wrong, expired or revoked, always with the same words: which of these it is would tell a thief.
 */
export async function authenticate(db: Queryable, header: string | undefined): Promise<Principal> {
  if (header === undefined) return ANONYMOUS;
  const [, token] = header.length <= MAX_HEADER_CHARS ? (/^Bearer +(\S+)$/i.exec(header) ?? []) : [];
  if (token === undefined) throw refused();
  const check = await verifyApiToken(db, token);
  if (check.outcome === 'rejected') throw refused();
  const { id, name, scopes } = check.holder;
  return { kind: 'API_TOKEN', id, name, scopes };
}

function refused(): DomainError {
  return new DomainError(
    ErrorCode.UNAUTHENTICATED,
    'the token is not valid: expected "Authorization: Bearer swu_…" with a token that has neither ended nor been revoked',
  );
}
