import type { Frame, KeySetDocument, SessionStatement } from '../../protocol/messages.js';
import { buildPackages, type Operation } from '../../protocol/operations.js';
import type { Unsealer } from '../../protocol/seal.js';
import type { Moment } from './moment.js';
import type { SocketClient, SocketClose } from './socket-client.js';

/** What makes a session, once everything about it was verified. */
export interface SessionParts {
  readonly statement: SessionStatement;
  readonly keySet: KeySetDocument;
  readonly unsealer: Unsealer;
  readonly workerToken: string;
  readonly client: SocketClient;
  /** When the connect was sent: the server's lease of this session is not older. */
  readonly sentAt: Moment;
}

/** One authenticated life of this worker's connection. */
export class Session {
  readonly statement: SessionStatement;
  readonly keySet: KeySetDocument;
  readonly unsealer: Unsealer;
  readonly sentAt: Moment;
  /** Spent in every accept; renewed by heartbeats. */
  workerToken: string;
  readonly #client: SocketClient;

  constructor({ statement, keySet, unsealer, workerToken, client, sentAt }: SessionParts) {
    this.statement = statement;
    this.keySet = keySet;
    this.unsealer = unsealer;
    this.workerToken = workerToken;
    this.sentAt = sentAt;
    this.#client = client;
  }

  get isOpen(): boolean {
    return this.#client.isOpen;
  }

  /** Resolves when the session's connection is over. */
  get closed(): Promise<SocketClose> {
    return this.#client.closed;
  }

  /** Runs a mutation. Throws a DomainError; SESSION_SUPERSEDED when the session ended before the answer. */
  call<Variables, Data>(operation: Operation<Variables, Data>, variables: Variables): Promise<Data> {
    return this.#client.call(operation, variables);
  }

  /** The stream of work. Ends or throws when the session is over. */
  async *frames(): AsyncGenerator<Frame> {
    for await (const { buildPackages: frame } of this.#client.stream(buildPackages, {})) yield frame;
  }

  close(code: number, reason: string): void {
    this.#client.close(code, reason);
  }

  /** For a connection that is not believed to carry anything any more. */
  terminate(reason: string): void {
    this.#client.terminate(reason);
  }
}
