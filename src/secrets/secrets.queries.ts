import type { Queryable } from '../database/queryable.js';
import type { SecretOwner } from './secret-owner.js';
import type { SecretRules } from './secret-rules.js';
import { SecretScope } from './secret-scope.js';

/** A secret as its next version is made from it. */
export interface StoredSecret extends SecretRules {
  readonly id: string;
  readonly version: number;
}

/** The secret of that name; undefined where there is none. */
export async function findSecret(
  db: Queryable,
  { scope, ownerId }: SecretOwner,
  name: string,
): Promise<StoredSecret | undefined> {
  const { rows } = await db.query<StoredSecret>(
    `select id, version, allow_events as "allowEvents", allow_images as "allowImages",
       allow_commands as "allowCommands", allow_repos as "allowRepos", allow_refs as "allowRefs"
     from secrets where scope = $1 and owner_id = $2 and name = $3`,
    [scope, ownerId, name],
  );
  return rows[0];
}

/** How many secrets an owner has. */
export async function countSecrets(db: Queryable, { scope, ownerId }: SecretOwner): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    `select count(*)::integer as count from secrets where scope = $1 and owner_id = $2`,
    [scope, ownerId],
  );
  return rows[0]?.count ?? 0;
}

/** What {@link insertSecret} writes. */
export interface NewSecret {
  readonly id: string;
  readonly owner: SecretOwner;
  readonly name: string;
  readonly envelope: Uint8Array;
  readonly rules: SecretRules;
  readonly by: string;
}

/** Writes a secret; false, and nothing written, when its owner has one of that name by now. */
export async function insertSecret(db: Queryable, secret: NewSecret): Promise<boolean> {
  const { scope, ownerId } = secret.owner;
  const { rowCount } = await db.query(
    `insert into secrets (id, scope, repo_id, organisation_id, name, envelope, allow_events, allow_images,
       allow_commands, allow_repos, allow_refs, created_by, updated_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12)
     on conflict (scope, owner_id, name) do nothing`,
    [
      secret.id,
      scope,
      scope === SecretScope.REPO ? ownerId : null,
      scope === SecretScope.ORG ? ownerId : null,
      secret.name,
      secret.envelope,
      ...columnsOf(secret.rules),
      secret.by,
    ],
  );
  return rowCount === 1;
}

/** What {@link replaceSecret} writes. */
export interface NextVersion {
  readonly id: string;
  /** The version that it replaces. */
  readonly version: number;
  /** Null: the value stays. */
  readonly envelope: Uint8Array | null;
  readonly rules: SecretRules;
  readonly by: string;
}

/** Writes the next version of a secret; false when it is at another version by now, or gone. */
export async function replaceSecret(db: Queryable, next: NextVersion): Promise<boolean> {
  const { rowCount } = await db.query(
    `update secrets set envelope = coalesce($3, envelope), allow_events = $4, allow_images = $5, allow_commands = $6,
       allow_repos = $7, allow_refs = $8, updated_by = $9, updated_at = slipway_now(), version = version + 1
     where id = $1 and version = $2`,
    [next.id, next.version, next.envelope, ...columnsOf(next.rules), next.by],
  );
  return rowCount === 1;
}

/** Deletes a secret at that version; false when it is at another one by now, or gone. */
export async function deleteSecret(db: Queryable, id: string, version: number): Promise<boolean> {
  const { rowCount } = await db.query('delete from secrets where id = $1 and version = $2', [id, version]);
  return rowCount === 1;
}

function columnsOf(rules: SecretRules): unknown[] {
  return [rules.allowEvents, rules.allowImages, rules.allowCommands, rules.allowRepos, rules.allowRefs];
}
