import type { Queryable } from '../database/queryable.js';
import type { Abilities } from './abilities.js';

/** What is kept of an enrolment. */
export interface NewEnrolment extends Abilities {
  readonly tokenId: string;
  readonly hash: Uint8Array;
  readonly pool: string;
  readonly hostnamePattern: string;
  readonly maxUses: number;
  readonly ttlS: number;
}

/** A row of `enrolments` as a registration needs it. */
export interface EnrolmentRow extends Abilities {
  readonly id: string;
  readonly hash: Uint8Array;
  readonly poolId: string;
  readonly hostnamePattern: string;
  readonly isUsedUp: boolean;
  readonly isRevoked: boolean;
  readonly isExpired: boolean;
}

/** Adds an enrolment; undefined when there is no pool of that name. */
export async function insertEnrolment(
  db: Queryable,
  enrolment: NewEnrolment,
): Promise<{ readonly id: string; readonly expiresAt: Date } | undefined> {
  const { rows } = await db.query<{ id: string; expiresAt: Date }>(
    `insert into enrolments
       (token_id, hash, pool_id, targets, labels, build_limit, hostname_pattern, max_uses, expires_at)
     select $1, $2, pools.id, $4::text[], $5::jsonb, $6, $7, $8, slipway_now() + make_interval(secs => $9)
     from pools where pools.name = $3
     returning id, expires_at as "expiresAt"`,
    [
      enrolment.tokenId,
      enrolment.hash,
      enrolment.pool,
      enrolment.targets,
      JSON.stringify(enrolment.labels),
      enrolment.buildLimit,
      enrolment.hostnamePattern,
      enrolment.maxUses,
      enrolment.ttlS,
    ],
  );
  return rows[0];
}

/** The row of a token id. */
export async function findEnrolment(db: Queryable, tokenId: string): Promise<EnrolmentRow | undefined> {
  const { rows } = await db.query<EnrolmentRow>(
    `select id, hash, pool_id as "poolId", targets, labels, build_limit as "buildLimit",
       hostname_pattern as "hostnamePattern", uses >= max_uses as "isUsedUp",
       revoked_at is not null as "isRevoked", expires_at <= slipway_now() as "isExpired"
     from enrolments where token_id = $1`,
    [tokenId],
  );
  return rows[0];
}

/**
 * Takes one use. One compare-and-set: whoever comes second waits for the first one's transaction and then sees its
 * count, so that a token for one worker never enrols two.
 */
export async function takeEnrolmentUse(db: Queryable, id: string): Promise<boolean> {
  const { rowCount } = await db.query(
    `update enrolments set uses = uses + 1
     where id = $1 and uses < max_uses and revoked_at is null and expires_at > slipway_now()`,
    [id],
  );
  return rowCount === 1;
}

/** Ends an enrolment; workers that it let in stay. False when there is none of that id. */
export async function revokeEnrolment(db: Queryable, id: string): Promise<boolean> {
  const { rowCount } = await db.query(
    `update enrolments set revoked_at = coalesce(revoked_at, slipway_now()) where id = $1`,
    [id],
  );
  return rowCount === 1;
}
