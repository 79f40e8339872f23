import { DomainError, ErrorCode, notFound, quote } from '../base/errors.js';
import type { Hints } from '../database/hints.js';
import type { Queryable } from '../database/queryable.js';
import { findProjects } from '../projects/index.js';
import { findRepo, parseRepoName } from '../repos/index.js';
import type { CreateChangeInput, NewChange } from './change-input.js';
import { type ChangeRecord, findChangeByKey, insertChange } from './changes.queries.js';
import { checkChange } from './check-change.js';

/**
 * Records why something is to be built, and wakes the planner. The same idempotency key with the same content gives the
 * change that was made first; with another content it is a CONFLICT. Throws ValidationError with every field that cannot
 * be taken, and NOT_FOUND for a repo or project that is not there.
 */
export async function createChange(
  db: Queryable,
  hints: Hints,
  input: CreateChangeInput,
): Promise<ChangeRecord> {
  const repoName = parseRepoName(input.repo);
  const change = checkChange(input);
  const repo = await findRepo(db, repoName);
  if (repo === undefined) throw notFound('repo', input.repo);
  await assertProjects(db, repo.id, change.projects);
  const created = await insertChange(db, repo.id, change);
  if (created === undefined) return existingChange(db, repo.id, change);
  hints.publish('change.received', { change: created.id });
  return created;
}

async function assertProjects(db: Queryable, repoId: string, names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  const known = new Set((await findProjects(db, { repoId, names })).map(({ name }) => name));
  const unknown = names.find((name) => !known.has(name));
  if (unknown !== undefined) throw notFound('project', unknown);
}

async function existingChange(db: Queryable, repoId: string, change: NewChange): Promise<ChangeRecord> {
  const key = change.idempotencyKey ?? '';
  const existing = await findChangeByKey(db, repoId, key);
  if (existing === undefined) throw new Error('a change that stood in the way is gone');
  const differing = differingFields(existing, change);
  if (differing.length === 0) return existing;
  throw new DomainError(
    ErrorCode.CONFLICT,
    `idempotencyKey ${quote(key)} was used for another change, which differs in ${differing.join(', ')}`,
    { change: existing.id, fields: differing },
  );
}

/** What the planner finds out and writes to the row when the caller did not say it. */
const resolved: ReadonlySet<string> = new Set(['ref', 'branch', 'commit']);

function differingFields(existing: NewChange, change: NewChange): string[] {
  return Object.entries(change)
    .filter(([field, value]) => !(value === null && resolved.has(field)))
    .filter(([field, value]) => JSON.stringify(existing[field as keyof NewChange]) !== JSON.stringify(value))
    .map(([field]) => field);
}
