/** Codes with which the server closes a WebSocket, beside those of graphql-transport-ws. */
export const CloseCode = {
  BAD_REQUEST: 4400,
  UNAUTHORIZED: 4401,
  FORBIDDEN: 4403,
  INIT_TIMEOUT: 4408,
  DUPLICATE_SUBSCRIBER: 4409,
  SUPERSEDED: 4410,
  REVOKED: 4411,
  STREAM_NOT_ALIVE: 4412,
  SLOW_CONSUMER: 4413,
  SERVER_DRAINING: 4414,
  TOO_MANY: 4429,
} as const;
export type CloseCode = (typeof CloseCode)[keyof typeof CloseCode];
