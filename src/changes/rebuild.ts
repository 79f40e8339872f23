import { DomainError, ErrorCode, notFound, quote, ValidationError } from '../base/errors.js';
import { isStorable } from '../base/text.js';
import type { Hints } from '../database/hints.js';
import type { Queryable } from '../database/queryable.js';
import {
  findGroupSource,
  findJobSource,
  findRebuildByKey,
  insertRebuild,
  type RebuildSource,
} from './rebuild.queries.js';

const MAX_KEY = 255;
const MAX_SENDER = 255;

/** What is to be built once more, and who wants it. */
export interface RebuildInput {
  readonly id: string;
  /** Becomes the sender of the new change. */
  readonly sender: string;
  /** The same key again gives the same change back. */
  readonly idempotencyKey?: string | null | undefined;
}

/**
 * Builds what a job built once more: a new change with the same event and commit, for its project and target alone. It
 * does not matter how the job ended, or whether it has. Throws NOT_FOUND, and CONFLICT for a key that was used for
 * something else.
 */
export async function rebuildJob(db: Queryable, hints: Hints, input: RebuildInput): Promise<{ id: string }> {
  const source = await findJobSource(db, input.id);
  if (source === undefined) throw notFound('job', input.id);
  return rebuild(db, hints, { ...input, source });
}

/** The same for what a group was made for. */
export async function rebuildGroup(
  db: Queryable,
  hints: Hints,
  input: RebuildInput,
): Promise<{ id: string }> {
  const source = await findGroupSource(db, input.id);
  if (source === undefined) throw notFound('group', input.id);
  return rebuild(db, hints, { ...input, source });
}

async function rebuild(
  db: Queryable,
  hints: Hints,
  { source, sender, idempotencyKey }: RebuildInput & { readonly source: RebuildSource },
): Promise<{ id: string }> {
  const request = { source, sender: sender.slice(0, MAX_SENDER), idempotencyKey: checkKey(idempotencyKey) };
  const id = await insertRebuild(db, request);
  if (id === undefined) return existing(db, request);
  hints.publish('change.received', { change: id });
  return { id };
}

async function existing(
  db: Queryable,
  { source, idempotencyKey }: { readonly source: RebuildSource; readonly idempotencyKey: string | null },
): Promise<{ id: string }> {
  const found = await findRebuildByKey(db, source.repoId, idempotencyKey);
  if (found === undefined) throw notFound('change', source.changeId);
  if (found.rebuilt_group_id === source.groupId && found.project === source.project) return { id: found.id };
  throw new DomainError(
    ErrorCode.CONFLICT,
    `idempotencyKey ${quote(idempotencyKey)} was used for another change`,
    { change: found.id },
  );
}

function checkKey(key: string | null | undefined): string | null {
  if (key === null || key === undefined || key === '') return null;
  if (key.length <= MAX_KEY && isStorable(key)) return key;
  throw ValidationError.of('idempotencyKey', key, `a text of at most ${MAX_KEY} characters, without NUL`);
}
