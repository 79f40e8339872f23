import { once } from 'node:events';
import { WebSocket } from 'ws';
import { deferred } from '../../../src/base/deferred.js';

/** A message of graphql-transport-ws. */
export interface SocketMessage {
  readonly type: string;
  readonly id?: string;
  readonly payload?: Record<string, unknown> & { data?: Record<string, unknown>; errors?: ApiError[] };
}

/** An error as callers see it. */
export interface ApiError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions: { readonly code: string; readonly requestId: string; readonly [key: string]: unknown };
}

/** A graphql-transport-ws client that shows every message and the end. */
export class SocketClient {
  readonly socket: WebSocket;
  /** Settles when the socket is closed. */
  readonly closed = deferred<{ code: number; reason: string }>();
  readonly #messages: SocketMessage[] = [];
  #arrival = deferred<void>();
  #lastId = 0;

  constructor(url: string, protocols: string[] = ['graphql-transport-ws']) {
    this.socket = new WebSocket(`${url.replace(/^http/, 'ws')}/graphql`, protocols);
    this.socket.on('message', (data: Buffer) => {
      this.#messages.push(JSON.parse(data.toString()) as SocketMessage);
      this.#arrival.resolve();
    });
    this.socket.on('close', (code, reason) => {
      this.closed.resolve({ code, reason: reason.toString() });
      this.#arrival.resolve();
    });
  }

  /** Opens the connection and waits for the acknowledgement, or for the end. */
  async connect(payload: Record<string, unknown>): Promise<SocketMessage | undefined> {
    await this.open();
    this.send({ type: 'connection_init', payload });
    return this.next();
  }

  async open(): Promise<void> {
    await once(this.socket, 'open');
  }

  send(message: unknown): void {
    this.socket.send(JSON.stringify(message));
  }

  /** Begins an operation; gives its id. */
  subscribe(query: string, variables: Record<string, unknown> = {}): string {
    const id = String(++this.#lastId);
    this.send({ id, type: 'subscribe', payload: { query, variables } });
    return id;
  }

  /** The next message; undefined once the socket is closed. */
  async next(): Promise<SocketMessage | undefined> {
    while (this.#messages.length === 0) {
      if (this.socket.readyState === WebSocket.CLOSED) return undefined;
      this.#arrival = deferred();
      await this.#arrival.promise;
    }
    return this.#messages.shift();
  }

  /** Runs a query or mutation and gives its result; other messages are passed over. */
  async run(query: string, variables: Record<string, unknown> = {}): Promise<SocketMessage> {
    const id = this.subscribe(query, variables);
    for (;;) {
      const message = await this.next();
      if (!message) throw new Error('the socket was closed');
      if (message.id === id && message.type !== 'complete') return message;
    }
  }

  async close(): Promise<void> {
    if (this.socket.readyState === WebSocket.CLOSED) return;
    this.socket.close();
    await this.closed.promise;
  }
}
