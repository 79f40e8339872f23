import type { Pool } from 'pg';
import { DomainError, ErrorCode, quote, ValidationError } from '../base/errors.js';
import type { Queryable } from '../database/queryable.js';
import { inTransaction } from '../database/transaction.js';
import { isPublicKey, thumbprint, verify } from '../protocol/identity.js';
import type { RegisteredWorker, RegisterWorkerInput } from '../protocol/operations.js';
import { registerBytes } from '../protocol/signatures.js';
import { useEnrolment, type Enrolled, type EnrolmentOutcome, type ServerKeys } from '../tokens/index.js';
import { findRegistration, insertWorker, type Registration } from './registration.queries.js';

export interface RegistrationContext {
  readonly pool: Pool;
  readonly keys: () => ServerKeys;
  /** Origins that a signature may be made for. */
  readonly origins: () => readonly string[];
  readonly heartbeatMs: number;
}

/**
 * Registers a machine as a worker: checks that it owns its identity key, and spends one use of its enrolment in the
 * transaction that inserts the worker. The same machine with the same key may ask again, when it has not heard the
 * answer, and gets the same one. FORBIDDEN for a token or signature that is no good, CONFLICT for a host name or key
 * that another worker has, VALIDATION_FAILED for what the enrolment does not allow.
 */
export async function registerWorker(
  context: RegistrationContext,
  input: RegisterWorkerInput,
): Promise<RegisteredWorker> {
  checkProof(context, input);
  const labels = Object.fromEntries(input.labels.map(({ name, value }) => [name, value]));
  const registration = await inTransaction(context.pool, async (db) => {
    const known = await findRegistration(db, thumbprint(input.identityKey));
    if (known !== undefined) return sameMachine(known, input);
    const enrolled = enrolledOr(await useEnrolment(db, { ...input, labels }));
    return insert(db, input, enrolled);
  });
  const { rootKey, keySet } = context.keys();
  return {
    workerId: registration.id,
    rootKey,
    keySet,
    targets: registration.targets,
    labels: Object.entries(registration.labels).map(([name, value]) => ({ name, value })),
    buildLimit: registration.build_limit,
    heartbeatMs: context.heartbeatMs,
  };
}

function checkProof({ origins }: RegistrationContext, input: RegisterWorkerInput): void {
  if (!isPublicKey(input.identityKey))
    throw ValidationError.of('identityKey', input.identityKey, '32 bytes, base64url');
  const { signature, ...fields } = input;
  const isProven = origins().some((serverOrigin) =>
    verify(input.identityKey, registerBytes({ ...fields, serverOrigin }), signature),
  );
  if (isProven) return;
  throw new DomainError(
    ErrorCode.FORBIDDEN,
    `the signature is not made by the identity key for this server, which is known as ${origins().join(', ')}`,
  );
}

function enrolledOr(outcome: EnrolmentOutcome): Enrolled {
  if (outcome.outcome === 'enrolled') return outcome.enrolled;
  if (outcome.reason === 'TOO_WIDE') throw new ValidationError(outcome.problems);
  throw new DomainError(ErrorCode.FORBIDDEN, `the enrolment token is not good: ${outcome.reason}`, {
    reason: outcome.reason,
  });
}

async function insert(db: Queryable, input: RegisterWorkerInput, enrolled: Enrolled): Promise<Registration> {
  const { identityKey } = input;
  const worker = await insertWorker(db, { ...enrolled, identityKey, thumbprint: thumbprint(identityKey) });
  if (worker !== undefined) return worker;
  throw new DomainError(
    ErrorCode.CONFLICT,
    `a worker named ${quote(enrolled.hostname)} is registered with another key; give this one another --hostname`,
    { hostname: enrolled.hostname },
  );
}

function sameMachine(known: Registration, input: RegisterWorkerInput): Registration {
  if (known.hostname === input.hostname.toLowerCase() && !known.revoked) return known;
  throw new DomainError(
    ErrorCode.CONFLICT,
    'this identity key belongs to another worker, or to one that was revoked',
  );
}
