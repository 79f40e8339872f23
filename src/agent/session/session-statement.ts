import { DomainError, ErrorCode } from '../../base/errors.js';
import { sha256Text } from '../../protocol/hash.js';
import { acceptKeySet, verifyByKeySet } from '../../protocol/key-set.js';
import {
  type ConnectAck,
  type KeySetDocument,
  KeyPurpose,
  PROTOCOL_VERSION,
  type SessionStatement,
} from '../../protocol/messages.js';
import { sessionStatementBytes } from '../../protocol/signatures.js';
import { keySetOf, type Registration } from '../state/registration.js';

/** What the acknowledgement must answer. */
export interface ExpectedSession {
  readonly registration: Registration;
  readonly serverOrigin: string;
  /** The agent's public session key of this very connection. */
  readonly sessionKey: string;
  readonly nowMs: number;
}

/** An acknowledgement whose word counts. */
export interface ProvenSession {
  readonly statement: SessionStatement;
  readonly keySet: KeySetDocument;
}

/**
 * Checks an acknowledgement: its key set by the pinned root key, its statement by a session key of that set, and that
 * the statement answers this connection of this worker at this origin. Throws a DomainError (FORBIDDEN): whoever
 * answered is not the server that the worker was enrolled with.
 */
export function proveSession(ack: ConnectAck, expected: ExpectedSession): ProvenSession {
  const { registration, serverOrigin, sessionKey, nowMs } = expected;
  const keySet = acceptKeySet(keySetOf(registration) ?? null, ack.keySet, registration.rootKey);
  if (keySet.outcome === 'rejected') throw unproven(`its key set is not taken: ${keySet.reason}`);
  const check = verifyByKeySet(keySet.document, {
    kid: ack.kid,
    purpose: KeyPurpose.SESSION,
    nowMs,
    bytes: sessionStatementBytes(ack.statement),
    signature: ack.signature,
  });
  if (check !== 'VERIFIED') throw unproven(`its statement is not signed by a session key: ${check}`);
  const statement = JSON.parse(ack.statement) as SessionStatement;
  demand('version', statement.version, PROTOCOL_VERSION);
  demand('serverOrigin', statement.serverOrigin, serverOrigin);
  demand('workerId', statement.workerId, registration.workerId);
  demand('sessionKeySha256', statement.sessionKeySha256, sha256Text(sessionKey));
  return { statement, keySet: keySet.document };
}

function demand(field: string, found: unknown, expected: string | number): void {
  if (found === expected) return;
  throw unproven(
    `its statement says ${field} ${JSON.stringify(found)}, expected ${JSON.stringify(expected)}`,
  );
}

function unproven(problem: string): DomainError {
  return new DomainError(ErrorCode.FORBIDDEN, `the server could not prove itself: ${problem}`);
}

/** True for a payload that has the fields of an acknowledgement; what they say is proven later. */
export function isConnectAck(payload: unknown): payload is ConnectAck {
  const ack = payload as Partial<ConnectAck> | null | undefined;
  return (
    [ack?.statement, ack?.kid, ack?.signature, ack?.workerToken].every(
      (field) => typeof field === 'string',
    ) &&
    typeof ack?.keySet?.document === 'string' &&
    typeof ack.keySet.signature === 'string'
  );
}
