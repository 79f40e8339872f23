/** What sockets may cost. */
export const SOCKET_LIMITS = {
  /** Handshakes under way at once; a crowd that comes back after a restart is told to come later. */
  handshakes: 256,
  /** From the connection to `connection_init`. */
  initMs: 10_000,
  /** A message of a worker, which may carry logs, and of anybody else. */
  workerMessageBytes: 8 * 1024 * 1024,
  messageBytes: 1024 * 1024,
  /** Operations under way at once on the socket of a worker, and of anybody else. */
  workerOperations: 1000,
  operations: 64,
  /** Unsent bytes above which the sender waits, and above which the socket is closed. */
  highWaterBytes: 1024 * 1024,
  unsentBytes: 32 * 1024 * 1024,
  /** How long a sender waits for a socket that takes nothing. */
  stallMs: 15_000,
  /** Between two pings; a socket that does not answer one before the next is dead. */
  pingMs: 12_000,
  /** From the closing of a socket to its destruction. */
  closeMs: 3_000,
} as const;
