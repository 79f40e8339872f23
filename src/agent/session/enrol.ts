import { DomainError, ErrorCode } from '../../base/errors.js';
import { parseEnrolmentToken, rootFingerprint } from '../../protocol/enrolment-token.js';
import { sign, type SigningKeyPair } from '../../protocol/identity.js';
import { acceptKeySet } from '../../protocol/key-set.js';
import {
  registerWorker,
  type RegisteredWorker,
  type RegisterWorkerInput,
} from '../../protocol/operations.js';
import { registerBytes } from '../../protocol/signatures.js';
import type { AgentOptions } from '../agent-options.js';
import type { IdentityStore } from '../state/identity-store.js';
import type { Registration } from '../state/registration.js';
import { callOverHttp } from './graphql-http.js';

/** What a worker is registered with. */
export type EnrolmentRequest = Pick<
  AgentOptions,
  'serverUrl' | 'hostname' | 'targets' | 'labels' | 'buildLimit'
> & { readonly enrolmentToken: string };

/**
 * Registers this worker and keeps what comes of it. The token carries the fingerprint of the server's root key: a
 * server that answers with another one is not the one that issued the token. Throws a DomainError.
 */
export async function enrol(store: IdentityStore, request: EnrolmentRequest): Promise<Registration> {
  const { serverUrl, enrolmentToken } = request;
  const { rootFingerprint: expected } = parseEnrolmentToken(enrolmentToken);
  const input = signInput(store.identity, request);
  const { registerWorker: registered } = await callOverHttp(serverUrl, registerWorker, { input });
  if (rootFingerprint(registered.rootKey) !== expected) {
    throw refuse('its root key is not the one that the enrolment token names');
  }
  const registration = toRegistration(registered, new URL(serverUrl).origin);
  await store.save(registration);
  return registration;
}

function signInput(identity: SigningKeyPair, request: EnrolmentRequest): RegisterWorkerInput {
  const { serverUrl, enrolmentToken: token, hostname, targets, labels, buildLimit } = request;
  const fields = { token, hostname, identityKey: identity.publicKey, targets, labels, buildLimit };
  const bytes = registerBytes({ ...fields, serverOrigin: new URL(serverUrl).origin });
  return { ...fields, signature: sign(identity.privateKey, bytes) };
}

function toRegistration({ workerId, rootKey, keySet }: RegisteredWorker, serverOrigin: string): Registration {
  const verdict = acceptKeySet(null, keySet, rootKey);
  if (verdict.outcome === 'rejected') throw refuse(`its key set is not taken: ${verdict.reason}`);
  return { workerId, rootKey, serverOrigin, keySet, lastEpoch: 0 };
}

function refuse(problem: string): DomainError {
  return new DomainError(ErrorCode.FORBIDDEN, `the server could not prove itself: ${problem}`);
}
