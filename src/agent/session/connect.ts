import type { Clock } from '../../base/clock.js';
import { DomainError, ErrorCode } from '../../base/errors.js';
import { sign } from '../../protocol/identity.js';
import {
  type ConnectAck,
  type ConnectPayload,
  type HeldBuild,
  PROTOCOL_VERSION,
} from '../../protocol/messages.js';
import { workerChallenge } from '../../protocol/operations.js';
import { generateSessionKey, openUnsealer, type SessionKey } from '../../protocol/seal.js';
import { connectBytes } from '../../protocol/signatures.js';
import type { IdentityStore } from '../state/identity-store.js';
import type { Registration } from '../state/registration.js';
import { callOverHttp } from './graphql-http.js';
import { momentOf } from './moment.js';
import { isConnectAck, proveSession } from './session-statement.js';
import { Session } from './session.js';
import { SocketClient } from './socket-client.js';

/** Who connects, where to, and with what in hand. */
export interface ConnectRequest {
  readonly serverUrl: string;
  readonly store: IdentityStore;
  readonly registration: Registration;
  readonly bootId: string;
  readonly holds: readonly HeldBuild[];
  readonly clean: boolean;
  readonly clock: Clock;
}

/**
 * Opens a session: a challenge, a signed answer, and an acknowledgement that proves the server. The new key set and
 * epoch are kept before the session is used. Throws a DomainError; `details.closeCode` where the server closed.
 */
export async function connect(request: ConnectRequest): Promise<Session> {
  const { serverUrl, registration, store, clock } = request;
  const serverOrigin = new URL(serverUrl).origin;
  const { workerId } = registration;
  const challenge = await callOverHttp(serverUrl, workerChallenge, { workerId });
  const sessionKey = await generateSessionKey();
  const sentAt = momentOf(clock);
  const payload = signPayload(request, { challenge: challenge.workerChallenge.challenge, sessionKey });
  const { client, acknowledgement } = await SocketClient.open(serverUrl, payload);
  try {
    const ack = readAck(acknowledgement);
    const expected = { registration, serverOrigin, sessionKey: sessionKey.publicKey, nowMs: clock.now() };
    const { statement, keySet } = proveSession(ack, expected);
    const unsealer = await openUnsealer({ serverOrigin, worker: workerId, sessionKey, enc: statement.enc });
    await store.save({ ...registration, serverOrigin, keySet: ack.keySet, lastEpoch: statement.epoch });
    return new Session({ statement, keySet, unsealer, workerToken: ack.workerToken, client, sentAt });
  } catch (error) {
    client.close(1000, 'the agent does not take this session');
    throw error;
  }
}

function signPayload(
  { serverUrl, store, registration, bootId, holds, clean }: ConnectRequest,
  { challenge, sessionKey }: { readonly challenge: string; readonly sessionKey: SessionKey },
): ConnectPayload {
  const fields = {
    version: PROTOCOL_VERSION,
    workerId: registration.workerId,
    challenge,
    bootId,
    lastEpoch: registration.lastEpoch,
    sessionKey: sessionKey.publicKey,
    holds: JSON.stringify(holds),
    clean,
  };
  const bytes = connectBytes(new URL(serverUrl).origin, fields);
  return { role: 'worker', ...fields, signature: sign(store.identity.privateKey, bytes) };
}

function readAck(acknowledgement: unknown): ConnectAck {
  if (isConnectAck(acknowledgement)) return acknowledgement;
  throw new DomainError(ErrorCode.FORBIDDEN, 'the server acknowledged the connection, but not as a session');
}
