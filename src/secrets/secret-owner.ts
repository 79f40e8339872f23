import { notFound, ValidationError } from '../base/errors.js';
import type { Queryable } from '../database/queryable.js';
import { findOrganisationId, findRepo, parseRepoName } from '../repos/index.js';
import { SecretScope, NOBODY } from './secret-scope.js';

/** Whose secrets are meant, as a caller says it: one of the three. */
export interface SecretOwnerReference {
  /** `org/name`. */
  readonly repo?: string | null | undefined;
  readonly org?: string | null | undefined;
  readonly shared?: boolean | null | undefined;
}

/** Whose secrets are meant, as rows know it. */
export interface SecretOwner {
  readonly scope: SecretScope;
  /** Repo, organisation, or nobody's id. */
  readonly ownerId: string;
  /** How keys of its secrets begin in a pipeline file: `org/repo/`, `org/` or nothing. */
  readonly prefix: string;
}

/** Finds whose secrets are meant. Throws a ValidationError unless exactly one is named, NOT_FOUND when it is not there. */
export async function findSecretOwner(
  db: Queryable,
  { repo, org, shared }: SecretOwnerReference,
): Promise<SecretOwner> {
  const named = [typeof repo === 'string', typeof org === 'string', shared === true].filter(Boolean).length;
  if (named !== 1)
    throw ValidationError.of(
      'repo',
      { repo, org, shared },
      'exactly one of `repo`, `org` and `shared: true`',
    );
  if (typeof repo === 'string') return findRepoOwner(db, repo);
  if (typeof org === 'string') return findOrganisationOwner(db, org);
  return { scope: SecretScope.SHARED, ownerId: NOBODY, prefix: '' };
}

async function findRepoOwner(db: Queryable, reference: string): Promise<SecretOwner> {
  const found = await findRepo(db, parseRepoName(reference));
  if (found === undefined) throw notFound('repo', reference);
  return { scope: SecretScope.REPO, ownerId: found.id, prefix: `${reference}/` };
}

async function findOrganisationOwner(db: Queryable, name: string): Promise<SecretOwner> {
  const ownerId = await findOrganisationId(db, name);
  if (ownerId === undefined) throw notFound('organisation', name);
  return { scope: SecretScope.ORG, ownerId, prefix: `${name}/` };
}
