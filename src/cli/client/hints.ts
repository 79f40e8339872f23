import { type Deferred, deferred } from '../../base/deferred.js';
import type { Operation } from '../../protocol/operations.js';
import type { Endpoint } from './http-request.js';
import { type GraphqlSocket, openSocket } from './socket.js';
import { socketErrorOf } from './socket-error.js';

/** A hint may be lost between a snapshot and the moment at which the server takes the subscription. */
const LONGEST_WAIT_MS = 3000;

/**
 * Subscriptions that only say "look again": whoever waits here reads the state afresh each time. So nothing is missed
 * over a reconnect, and nothing is believed out of order.
 */
export class Hints {
  readonly #socket: GraphqlSocket;
  readonly #unsubscribe: (() => void)[] = [];
  #next: Deferred<void> = deferred();
  #failure: Error | undefined;

  constructor(endpoint: Endpoint, signal?: AbortSignal) {
    signal?.addEventListener('abort', () => this.#fail(signal.reason), { once: true });
    this.#socket = openSocket(endpoint);
    this.#socket.on('connected', () => this.#wake());
  }

  /** Takes every event of a subscription as a hint. Its refusal makes every later {@link wait} throw. */
  listen<Variables extends object>(operation: Operation<Variables, unknown>, variables: Variables): void {
    const end = this.#socket.subscribe(
      {
        query: operation.query,
        operationName: operation.name,
        variables: Object.fromEntries(Object.entries(variables)),
      },
      {
        next: ({ errors }) => (errors === undefined ? this.#wake() : this.#fail(errors)),
        error: (thrown) => this.#fail(thrown),
        complete: () => this.#wake(),
      },
    );
    this.#unsubscribe.push(end);
  }

  /** Resolves at the next hint, one since the last wait included, or after a few seconds (at most `mostMs`) without. */
  async wait(mostMs = LONGEST_WAIT_MS): Promise<void> {
    const timer = setTimeout(() => this.#wake(), Math.min(mostMs, LONGEST_WAIT_MS));
    await this.#next.promise;
    clearTimeout(timer);
    this.#next = deferred();
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Closes the socket. */
  async close(): Promise<void> {
    for (const end of this.#unsubscribe) end();
    await this.#socket.dispose();
  }

  #wake(): void {
    this.#next.resolve();
  }

  #fail(thrown: unknown): void {
    this.#failure = socketErrorOf(thrown);
    this.#wake();
  }
}
