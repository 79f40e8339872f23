import { authenticate } from '../../accounts/index.js';
import { DomainError, type ErrorCode } from '../../base/errors.js';
import type { Logger } from '../../base/logger.js';
import { storeFailure } from '../../database/failures.js';
import { CloseCode } from '../../protocol/close-codes.js';
import type { GraphqlBackend } from '../context.js';
import { readConnectPayload } from './connect-payload.js';
import type { Connection } from './connection.js';

/** For what nobody foresaw; graphql-transport-ws calls it an internal server error. */
const INTERNAL_CLOSE_CODE = 4500;

/** What a handshake needs. */
export interface HandshakeContext {
  readonly backend: GraphqlBackend;
  readonly logger: Logger;
}

/** Payload of `connection_ack`, or false after the connection was closed. */
export type HandshakeAnswer = Record<string, unknown> | boolean;

/** Finds out who is at the other end: a worker by its proof, anybody else by a token. Never throws. */
export async function shakeHands(
  context: HandshakeContext,
  connection: Connection,
  payload: Readonly<Record<string, unknown>>,
): Promise<HandshakeAnswer> {
  try {
    const isWorker = payload['role'] === 'worker';
    return await (isWorker ? openSession : identify)(context, connection, payload);
  } catch (error) {
    const { code, reason } = closingFor(error, connection);
    if (code === INTERNAL_CLOSE_CODE)
      context.logger.error({ err: error, requestId: connection.id }, 'a handshake failed');
    connection.close(code, reason);
    return false;
  }
}

async function openSession(
  { backend }: HandshakeContext,
  connection: Connection,
  payload: Readonly<Record<string, unknown>>,
): Promise<HandshakeAnswer> {
  const outcome = await backend.services.openSession(readConnectPayload(payload));
  if (outcome.kind === 'REFUSED') {
    connection.close(outcome.closeCode, outcome.reason);
    return false;
  }
  const { session, ack } = outcome;
  // The socket may have gone while the session was opened: nobody else would tell the session.
  if (connection.isClosed) {
    await session.socketClosed(connection.closeCode ?? 1006);
    return false;
  }
  connection.session = session;
  connection.principal = { kind: 'WORKER', workerId: session.workerId, sessionId: session.id };
  session.onClose((code, reason) => connection.close(code, reason));
  return { ...ack };
}

async function identify(
  { backend }: HandshakeContext,
  connection: Connection,
  { authorization }: Readonly<Record<string, unknown>>,
): Promise<HandshakeAnswer> {
  if (typeof authorization !== 'string') {
    connection.close(CloseCode.UNAUTHORIZED, 'expected {"authorization": "Bearer swu_…"} in connection_init');
    return false;
  }
  connection.principal = await authenticate(backend.db, authorization);
  connection.authorization = authorization;
  return true;
}

function closingFor(error: unknown, connection: Connection): { code: number; reason: string } {
  if (storeFailure(error) === 'UNREACHABLE') {
    return { code: CloseCode.SERVER_DRAINING, reason: 'the database is not available now' };
  }
  const code = error instanceof DomainError ? CLOSE_CODES[error.code] : undefined;
  if (code === undefined) return { code: INTERNAL_CLOSE_CODE, reason: `internal error ${connection.id}` };
  return { code, reason: (error as DomainError).message };
}

const CLOSE_CODES: Partial<Record<ErrorCode, number>> = {
  VALIDATION_FAILED: CloseCode.BAD_REQUEST,
  UNAUTHENTICATED: CloseCode.UNAUTHORIZED,
  FORBIDDEN: CloseCode.FORBIDDEN,
  NOT_FOUND: CloseCode.FORBIDDEN,
  STORE_UNAVAILABLE: CloseCode.SERVER_DRAINING,
  RATE_LIMITED: CloseCode.TOO_MANY,
};
