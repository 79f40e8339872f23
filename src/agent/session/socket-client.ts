import { createClient, type Client } from 'graphql-ws';
import { WebSocket } from 'ws';
import { deferred, type Deferred } from '../../base/deferred.js';
import { DomainError, ErrorCode } from '../../base/errors.js';
import type { ConnectPayload } from '../../protocol/messages.js';
import type { Operation } from '../../protocol/operations.js';
import { readAnswer, type GraphqlAnswer } from './graphql-answer.js';

const HANDSHAKE_MS = 10_000;
const ACKNOWLEDGEMENT_MS = 15_000;
/** A frame holds as many packages as the worker has slots. */
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;

/** How a connection ended; 1006 when nobody said so. */
export interface SocketClose {
  readonly code: number;
  readonly reason: string;
}

class AgentSocket extends WebSocket {
  constructor(url: string, protocols: string | string[]) {
    super(url, protocols, {
      handshakeTimeout: HANDSHAKE_MS,
      maxPayload: MAX_MESSAGE_BYTES,
      perMessageDeflate: false,
      followRedirects: false,
    });
  }
}

/** One connection to the server by graphql-transport-ws: it is opened once, and when it ends it stays ended. */
export class SocketClient {
  /** Resolves when the connection is over; never rejects. */
  readonly closed: Promise<SocketClose>;
  readonly #closed: Deferred<SocketClose> = deferred();
  readonly #connected: Deferred<unknown> = deferred();
  readonly #client: Client;
  #socket: WebSocket | null = null;
  #isOpen = true;

  private constructor(serverUrl: string, payload: ConnectPayload) {
    this.closed = this.#closed.promise;
    this.#connected.promise.catch(() => undefined); // Whoever opened the connection has it too.
    this.#client = createClient({
      url: socketUrl(serverUrl),
      webSocketImpl: AgentSocket,
      connectionParams: { ...payload },
      connectionAckWaitTimeout: ACKNOWLEDGEMENT_MS,
      lazy: false,
      retryAttempts: 0,
      on: {
        opened: (socket) => (this.#socket = socket as WebSocket),
        connected: (_, acknowledgement) => this.#connected.resolve(acknowledgement),
        closed: (event) => this.#end(event as SocketClose),
        error: (error) => this.#end({ code: 1006, reason: reasonOf(error) }),
      },
      // Said by `closed` already.
      onNonLazyError: () => undefined,
    });
  }

  /**
   * Connects, and resolves with the payload of the acknowledgement. Throws a DomainError when the server closes
   * instead; its code is in `details.closeCode`.
   */
  static async open(
    serverUrl: string,
    payload: ConnectPayload,
  ): Promise<{ client: SocketClient; acknowledgement: unknown }> {
    const client = new SocketClient(serverUrl, payload);
    return { client, acknowledgement: await client.#connected.promise };
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Runs a mutation. Throws a DomainError; SESSION_SUPERSEDED when the connection ended before the answer. */
  async call<Variables, Data>(operation: Operation<Variables, Data>, variables: Variables): Promise<Data> {
    if (!this.#isOpen) throw connectionLost(await this.closed);
    const request = toRequest(operation, variables);
    const answer = await new Promise<GraphqlAnswer | null>((resolve, reject) => {
      const complete = (): void => resolve(null);
      this.#client.subscribe(request, { next: resolve, error: reject, complete });
    }).catch(toAnswer);
    if (answer === null) throw connectionLost(await this.closed);
    return readAnswer<Data>(operation.name, answer);
  }

  /** Runs a subscription until the connection ends (then it throws SESSION_SUPERSEDED) or the server completes it. */
  async *stream<Variables, Data>(
    operation: Operation<Variables, Data>,
    variables: Variables,
  ): AsyncGenerator<Data> {
    if (!this.#isOpen) throw connectionLost(await this.closed);
    try {
      for await (const answer of this.#client.iterate(toRequest(operation, variables))) {
        yield readAnswer<Data>(operation.name, answer);
      }
    } catch (error) {
      if (error instanceof DomainError) throw error;
      readAnswer<Data>(operation.name, toAnswer(error));
    }
  }

  /** Ends the connection in order. */
  close(code: number, reason: string): void {
    this.#socket?.close(code, reason);
    this.#end({ code, reason });
  }

  /** Ends the connection without waiting for the other side, which may be gone. */
  terminate(reason: string): void {
    this.#socket?.terminate();
    this.#end({ code: 1006, reason });
  }

  /** The client library would connect again after a normal closure: it is told not to. */
  #end(event: SocketClose): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    const close = { code: event.code, reason: event.reason };
    this.#closed.resolve(close);
    this.#connected.reject(connectionLost(close));
    void Promise.resolve(this.#client.dispose()).catch(() => undefined); // There is nothing left to dispose of.
  }
}

function toRequest<Variables, Data>(
  { name, query }: Operation<Variables, Data>,
  variables: Variables,
): { operationName: string; query: string; variables: Record<string, unknown> } {
  return { operationName: name, query, variables: { ...variables } as Record<string, unknown> };
}

/** graphql-ws throws the list of errors of an operation, or whatever ended the connection. */
function toAnswer(error: unknown): GraphqlAnswer {
  if (Array.isArray(error)) return { errors: error as { message: string }[] };
  throw connectionLost(toClose(error));
}

/** The answer did not come; a call that was sent may have been heard or not. */
function connectionLost({ code, reason }: SocketClose): DomainError {
  const said = reason === '' ? '' : `: ${reason}`;
  return new DomainError(ErrorCode.SESSION_SUPERSEDED, `the connection is closed (${code}${said})`, {
    closeCode: code,
    reason,
  });
}

function toClose(error: unknown): SocketClose {
  const { code, reason } = error as Partial<SocketClose>;
  return { code: typeof code === 'number' ? code : 1006, reason: reason ?? reasonOf(error) };
}

function reasonOf(error: unknown): string {
  const message = (error as { message?: unknown } | null)?.message;
  return typeof message === 'string' ? message : 'no reason was given';
}

function socketUrl(serverUrl: string): string {
  const url = new URL('/graphql', serverUrl);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
}
