import { timingSafeEqual } from 'node:crypto';
import { ValidationError, notFound, type FieldProblem } from '../base/errors.js';
import type { Queryable } from '../database/queryable.js';
import { hashToken, makeEnrolmentToken, tryParseEnrolmentToken } from '../protocol/enrolment-token.js';
import { problemsOf, wideningsOf, type Abilities } from './abilities.js';
import { findEnrolment, insertEnrolment, takeEnrolmentUse, type EnrolmentRow } from './enrolments.queries.js';
import { isHostname, isHostnamePattern, matchesHostname } from './hostname.js';

const MAX_USES = 10_000;
const MAX_TTL_S = 30 * 24 * 3600;

/** What an enrolment allows, and how often and how long. */
export interface EnrolmentRequest extends Abilities {
  /** Name of the pool that its workers get into. */
  readonly pool: string;
  /** `*` is any text, `?` any character. */
  readonly hostnamePattern: string;
  readonly maxUses: number;
  readonly ttlS: number;
}

/** A new enrolment; `token` is shown once. */
export interface CreatedEnrolment {
  readonly id: string;
  readonly token: string;
  readonly expiresAt: Date;
}

/**
 * Makes an enrolment whose token carries the fingerprint of the root key (base64url). Throws a ValidationError that
 * names every problem, or a DomainError NOT_FOUND for the pool.
 */
export async function createEnrolment(
  db: Queryable,
  rootKey: string,
  request: EnrolmentRequest,
): Promise<CreatedEnrolment> {
  const problems = [...problemsOf(request), ...problemsOfUse(request)];
  if (problems.length > 0) throw new ValidationError(problems);
  const { token, tokenId, hash } = makeEnrolmentToken(rootKey);
  const row = await insertEnrolment(db, { ...request, tokenId, hash });
  if (!row) throw notFound('pool', request.pool);
  return { ...row, token };
}

/** What a machine asks for with an enrolment token. */
export interface EnrolmentUse extends Abilities {
  readonly token: string;
  readonly hostname: string;
}

/** What a registered machine gets: exactly what it asked for, in the enrolment's pool. */
export interface Enrolled extends Abilities {
  readonly enrolmentId: string;
  readonly poolId: string;
  /** In lower case. */
  readonly hostname: string;
}

/** Why a token enrols nobody. */
export type EnrolmentRefusal = 'MALFORMED' | 'UNKNOWN' | 'REVOKED' | 'EXPIRED' | 'USED_UP';

/** What came of using an enrolment token. With `TOO_WIDE` the caller may hear the problems: the token is good. */
export type EnrolmentOutcome =
  | { readonly outcome: 'enrolled'; readonly enrolled: Enrolled }
  | { readonly outcome: 'refused'; readonly reason: EnrolmentRefusal }
  | { readonly outcome: 'refused'; readonly reason: 'TOO_WIDE'; readonly problems: readonly FieldProblem[] };

/**
 * Takes one use of an enrolment for a machine, if it asks for no more than the token allows. Call it in the
 * transaction that inserts the worker: if that fails, the use is not spent.
 */
export async function useEnrolment(db: Queryable, use: EnrolmentUse): Promise<EnrolmentOutcome> {
  const row = await findByToken(db, use.token);
  if (typeof row === 'string') return { outcome: 'refused', reason: row };
  const reason = refusalOf(row);
  if (reason) return { outcome: 'refused', reason };
  const problems = [...problemsOf(use), ...problemsOfHostname(use.hostname, row), ...wideningsOf(use, row)];
  if (problems.length > 0) return { outcome: 'refused', reason: 'TOO_WIDE', problems };
  if (await takeEnrolmentUse(db, row.id)) return { outcome: 'enrolled', enrolled: enrolledOf(use, row) };
  // Somebody was faster: say what the row says now.
  const now = await findByToken(db, use.token);
  return { outcome: 'refused', reason: typeof now === 'string' ? now : (refusalOf(now) ?? 'USED_UP') };
}

async function findByToken(db: Queryable, token: string): Promise<EnrolmentRow | 'MALFORMED' | 'UNKNOWN'> {
  const parsed = tryParseEnrolmentToken(token);
  if (!parsed) return 'MALFORMED';
  const row = await findEnrolment(db, parsed.tokenId);
  return row && timingSafeEqual(row.hash, hashToken(token)) ? row : 'UNKNOWN';
}

function refusalOf(row: EnrolmentRow): EnrolmentRefusal | undefined {
  if (row.isRevoked) return 'REVOKED';
  if (row.isExpired) return 'EXPIRED';
  return row.isUsedUp ? 'USED_UP' : undefined;
}

function enrolledOf({ hostname, targets, labels, buildLimit }: EnrolmentUse, row: EnrolmentRow): Enrolled {
  return {
    enrolmentId: row.id,
    poolId: row.poolId,
    hostname: hostname.toLowerCase(),
    targets: [...new Set(targets)],
    labels,
    buildLimit,
  };
}

function problemsOfHostname(hostname: string, { hostnamePattern }: EnrolmentRow): readonly FieldProblem[] {
  const value = hostname.slice(0, 80);
  if (!isHostname(hostname)) return [{ field: 'hostname', value, expected: 'a host name' }];
  if (matchesHostname(hostnamePattern, hostname)) return [];
  return [{ field: 'hostname', value, expected: `a host name like ${hostnamePattern}` }];
}

function problemsOfUse({ hostnamePattern, maxUses, ttlS }: EnrolmentRequest): readonly FieldProblem[] {
  return [
    ...(isHostnamePattern(hostnamePattern)
      ? []
      : [
          {
            field: 'hostnamePattern',
            value: hostnamePattern.slice(0, 80),
            expected: 'a host name with * and ?',
          },
        ]),
    ...problemsOfCount('maxUses', maxUses, MAX_USES),
    ...problemsOfCount('ttlS', ttlS, MAX_TTL_S),
  ];
}

function problemsOfCount(field: string, value: number, max: number): readonly FieldProblem[] {
  const isCount = Number.isInteger(value) && value >= 1 && value <= max;
  return isCount ? [] : [{ field, value: String(value), expected: `1 to ${max}` }];
}
