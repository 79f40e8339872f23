import { randomUUID } from 'node:crypto';
import { DomainError, ErrorCode, notFound, quote, ValidationError } from '../base/errors.js';
import type { Queryable } from '../database/queryable.js';
import { sealEnvelope, type MasterKeys } from '../tokens/index.js';
import { checkSecret, type SecretInput } from './check-secret.js';
import type { SecretOwner } from './secret-owner.js';
import { defaultRules, type SecretRules } from './secret-rules.js';
import { envelopeOwnerOf } from './secret-scope.js';
import {
  countSecrets,
  deleteSecret,
  findSecret,
  insertSecret,
  replaceSecret,
  type StoredSecret,
} from './secrets.queries.js';

/** Secrets of one owner at most. Two callers at once may exceed it by one, which harms nobody. */
const MAX_SECRETS = 500;
/** Somebody else was faster as often as this, without an end: then the caller is told. */
const MAX_ROUNDS = 5;

/** What {@link setSecret} is told. */
export interface SetSecretRequest extends SecretInput {
  readonly owner: SecretOwner;
  /** Who asks, for people. */
  readonly by: string;
}

/**
 * Makes a secret, or its next version; gives its id. The same call again leads to the same secret, with a version that
 * grows each time: whether a value was the same as before is told to nobody. Throws a ValidationError, or a CONFLICT
 * with the version that there is.
 */
export async function setSecret(
  db: Queryable,
  masterKeys: MasterKeys,
  request: SetSecretRequest,
): Promise<{ readonly id: string }> {
  const { owner, name, expectedVersion } = request;
  checkSecret(owner.scope, request);
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const stored = await findSecret(db, owner, name);
    assertVersion(owner, name, { expected: expectedVersion, actual: stored?.version ?? 0 });
    const written =
      stored === undefined
        ? await insert(db, masterKeys, request)
        : await replace(db, masterKeys, { ...request, stored });
    if (written !== undefined) return { id: written };
  }
  throw new DomainError(
    ErrorCode.CONFLICT,
    `secret ${quote(owner.prefix + name)} was changed ${MAX_ROUNDS} times while it was set`,
  );
}

/** Removes a secret. Throws NOT_FOUND, or a CONFLICT with the version that there is. */
export async function removeSecret(
  db: Queryable,
  owner: SecretOwner,
  { name, expectedVersion }: Pick<SecretInput, 'name' | 'expectedVersion'>,
): Promise<void> {
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const stored = await findSecret(db, owner, name);
    if (stored === undefined) throw notFound('secret', owner.prefix + name);
    assertVersion(owner, name, { expected: expectedVersion, actual: stored.version });
    if (await deleteSecret(db, stored.id, stored.version)) return;
  }
  throw new DomainError(
    ErrorCode.CONFLICT,
    `secret ${quote(owner.prefix + name)} was changed ${MAX_ROUNDS} times while it was removed`,
  );
}

async function insert(
  db: Queryable,
  masterKeys: MasterKeys,
  { owner, name, value, rules, by }: SetSecretRequest,
): Promise<string | undefined> {
  if (value === null) throw ValidationError.of('value', '', 'the value of the new secret');
  const count = await countSecrets(db, owner);
  if (count >= MAX_SECRETS) throw ValidationError.of('name', name, `at most ${MAX_SECRETS} secrets`);
  const id = randomUUID();
  const identity = { id, scope: owner.scope, owner_id: owner.ownerId, name };
  const envelope = sealEnvelope(masterKeys, Buffer.from(value), envelopeOwnerOf(identity));
  const complete = completeRules(rules, defaultRules(owner.scope));
  return (await insertSecret(db, { id, owner, name, envelope, rules: complete, by })) ? id : undefined;
}

async function replace(
  db: Queryable,
  masterKeys: MasterKeys,
  { owner, name, value, rules, by, stored }: SetSecretRequest & { readonly stored: StoredSecret },
): Promise<string | undefined> {
  const { id, version } = stored;
  const identity = { id, scope: owner.scope, owner_id: owner.ownerId, name };
  const envelope =
    value === null ? null : sealEnvelope(masterKeys, Buffer.from(value), envelopeOwnerOf(identity));
  const next = { id, version, envelope, rules: completeRules(rules, stored), by };
  return (await replaceSecret(db, next)) ? id : undefined;
}

function completeRules(given: Partial<SecretRules>, fallback: SecretRules): SecretRules {
  return {
    allowEvents: given.allowEvents ?? fallback.allowEvents,
    allowImages: given.allowImages ?? fallback.allowImages,
    allowCommands: given.allowCommands ?? fallback.allowCommands,
    allowRepos: given.allowRepos ?? fallback.allowRepos,
    allowRefs: given.allowRefs ?? fallback.allowRefs,
  };
}

function assertVersion(
  owner: SecretOwner,
  name: string,
  { expected, actual }: { expected: number | null; actual: number },
): void {
  if (expected === null || expected === actual) return;
  const state = actual === 0 ? 'does not exist' : `is at version ${actual}`;
  throw new DomainError(
    ErrorCode.CONFLICT,
    `secret ${quote(owner.prefix + name)} ${state}, expected version ${expected}`,
    { version: actual },
  );
}
