import { randomUUID } from 'node:crypto';
import type { WebSocket } from 'ws';
import { ANONYMOUS, type Principal } from '../../accounts/index.js';
import { CloseCode } from '../../protocol/close-codes.js';
import type { WorkerSessionPort } from '../services.js';
import { SOCKET_LIMITS } from './limits.js';

/** As much as a close frame can say. */
const MAX_REASON_BYTES = 123;

/** What a slow reader may cost; see {@link SOCKET_LIMITS}. */
export type ConsumerLimits = Pick<
  { readonly [Name in keyof typeof SOCKET_LIMITS]: number },
  'highWaterBytes' | 'unsentBytes' | 'stallMs' | 'closeMs'
>;

/** One socket: who is at its other end, and what it may still take. */
export class Connection {
  readonly id = randomUUID();
  /** Of a person, whose token is verified again for each operation. */
  authorization: string | undefined;
  principal: Principal = ANONYMOUS;
  session: WorkerSessionPort | undefined;
  /** Id of the operation that carries the worker's stream. */
  streamId: string | undefined;
  readonly #socket: WebSocket;
  readonly #limits: ConsumerLimits;
  #closing: { readonly code: number; readonly timer: NodeJS.Timeout } | undefined;
  #isAlive = true;

  constructor(socket: WebSocket, limits: ConsumerLimits = SOCKET_LIMITS) {
    this.#socket = socket;
    this.#limits = limits;
    socket.on('pong', () => (this.#isAlive = true));
  }

  /** True from the moment when either side began to close it. */
  get isClosed(): boolean {
    return this.#closing !== undefined || this.#socket.readyState !== this.#socket.OPEN;
  }

  /** The code that we closed it with; undefined while we did not. */
  get closeCode(): number | undefined {
    return this.#closing?.code;
  }

  /** Closes it; what does not answer in time is destroyed. The first code counts. */
  close(code: number, reason: string): void {
    if (this.#closing) return;
    const timer = setTimeout(() => this.#socket.terminate(), this.#limits.closeMs);
    this.#closing = { code, timer };
    this.#socket.close(code, shorten(reason));
  }

  /** Called when it is gone. */
  forget(): void {
    clearTimeout(this.#closing?.timer);
  }

  /**
   * Sends a message. Resolves at once while the socket keeps up, else when it has sent it: a long log then waits for
   * its reader. A reader that takes nothing at all is closed.
   */
  async send(message: string): Promise<void> {
    if (this.isClosed) return;
    const { bufferedAmount } = this.#socket;
    if (bufferedAmount > this.#limits.unsentBytes) {
      this.close(CloseCode.SLOW_CONSUMER, `${bufferedAmount} bytes are unsent`);
    } else if (bufferedAmount < this.#limits.highWaterBytes) {
      this.#socket.send(message, ignoreFailure);
    } else {
      await this.#sendAndWait(message);
    }
  }

  /** Asks for a sign of life; without one since the last time the socket is destroyed. */
  ping(): void {
    if (!this.#isAlive) return this.#socket.terminate();
    this.#isAlive = false;
    if (!this.isClosed) this.#socket.ping();
  }

  async #sendAndWait(message: string): Promise<void> {
    const stalled = setTimeout(
      () => this.close(CloseCode.SLOW_CONSUMER, `nothing was taken for ${this.#limits.stallMs} ms`),
      this.#limits.stallMs,
    );
    await new Promise<void>((resolve) => this.#socket.send(message, () => resolve()));
    clearTimeout(stalled);
  }
}

/** A send fails when the socket is gone, which its `close` event tells. */
function ignoreFailure(): void {}

function shorten(reason: string): string {
  const bytes = Buffer.from(reason);
  if (bytes.length <= MAX_REASON_BYTES) return reason;
  return bytes
    .subarray(0, MAX_REASON_BYTES)
    .toString()
    .replace(/\uFFFD+$/, '');
}
