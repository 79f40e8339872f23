import {
  execute,
  subscribe,
  type ExecutionArgs,
  type GraphQLError,
  type GraphQLFormattedError,
} from 'graphql';
import { handleProtocols, makeServer, type Context, type OperationResult, type Server } from 'graphql-ws';
import type { IncomingMessage, Server as HttpServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import { systemClock } from '../../base/clock.js';
import type { Logger } from '../../base/logger.js';
import { CloseCode } from '../../protocol/close-codes.js';
import type { GraphqlBackend } from '../context.js';
import { formatError } from '../format-error.js';
import { apiSchema } from '../schema.js';
import { shakeHands } from './connect.js';
import { Connection } from './connection.js';
import { HandshakeGate } from './handshake-gate.js';
import { SOCKET_LIMITS } from './limits.js';
import { requestIdOf, SocketOperations } from './operations.js';

/** What sockets need. */
export interface SocketServerOptions {
  readonly backend: GraphqlBackend;
  readonly logger: Logger;
  readonly path: string;
}

/** What belongs to one connection, as graphql-ws passes it around. */
interface Extra {
  readonly connection: Connection;
}
type SocketContext = Context<Record<string, unknown>, Extra>;

/** GraphQL over WebSockets (graphql-transport-ws), for people and for workers, on an HTTP server's port. */
export class SocketServer {
  readonly #options: SocketServerOptions;
  readonly #operations: SocketOperations;
  readonly #gate = new HandshakeGate(SOCKET_LIMITS.handshakes);
  readonly #connections = new Set<Connection>();
  readonly #protocol: Server<Extra>;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    maxPayload: SOCKET_LIMITS.workerMessageBytes,
    // It would cost 34 times the memory per connection.
    perMessageDeflate: false,
    handleProtocols,
  });
  #pings: NodeJS.Timeout | undefined;

  constructor(options: SocketServerOptions) {
    this.#options = options;
    this.#operations = new SocketOperations(apiSchema(), options.backend);
    this.#protocol = this.#makeProtocol();
  }

  /** Takes the upgrades of a server to itself. */
  attach(server: HttpServer): void {
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      if (new URL(request.url ?? '/', 'http://host').pathname !== this.#options.path) {
        socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
        return;
      }
      this.#sockets.handleUpgrade(request, socket, head, (opened) => this.#open(opened));
    });
    this.#pings = setInterval(() => {
      for (const connection of this.#connections) connection.ping();
    }, SOCKET_LIMITS.pingMs);
  }

  /** Asks all clients to go elsewhere and resolves when the last one has. */
  async close(): Promise<void> {
    clearInterval(this.#pings);
    for (const connection of this.#connections) {
      connection.close(CloseCode.SERVER_DRAINING, 'the server stops: connect again');
    }
    await new Promise<void>((resolve) => this.#sockets.close(() => resolve()));
    while (this.#connections.size > 0) await systemClock.sleep(10);
  }

  #open(socket: WebSocket): void {
    const connection = new Connection(socket);
    this.#connections.add(connection);
    socket.on('error', (error) =>
      this.#options.logger.debug({ err: error, requestId: connection.id }, 'a socket failed'),
    );
    if (!this.#gate.tryEnter(connection)) {
      connection.close(CloseCode.TOO_MANY, JSON.stringify({ retryAfterMs: 1000 }));
    }
    const closed = this.#protocol.opened(
      {
        protocol: socket.protocol,
        send: (message) => connection.send(message),
        close: (code, reason) => connection.close(code ?? 1000, reason ?? ''),
        onMessage: (take) => socket.on('message', (data) => void this.#take(connection, data, take)),
      },
      { connection },
    );
    socket.once(
      'close',
      (code, reason) => void this.#forget(connection, code, () => closed(code, String(reason))),
    );
  }

  /** Whatever a message does, its failure is this connection's alone. */
  async #take(connection: Connection, data: RawData, take: (text: string) => Promise<void>): Promise<void> {
    if (connection.isClosed) return;
    const { byteLength: bytes } = bufferOf(data);
    const limit = connection.session ? SOCKET_LIMITS.workerMessageBytes : SOCKET_LIMITS.messageBytes;
    if (bytes > limit) {
      return connection.close(CloseCode.BAD_REQUEST, `a message of ${bytes} bytes, at most ${limit}`);
    }
    try {
      await take(bufferOf(data).toString());
    } catch (error) {
      this.#options.logger.error({ err: error, requestId: connection.id }, 'a message could not be handled');
      connection.close(4500, `internal error ${connection.id}`);
    }
  }

  async #forget(connection: Connection, code: number, end: () => Promise<void>): Promise<void> {
    this.#gate.leave(connection);
    connection.forget();
    try {
      // First of all: the streams of a session end with it, and whatever ends the rest may wait for them.
      await connection.session?.socketClosed(connection.closeCode ?? code);
      await end();
    } catch (error) {
      this.#options.logger.error({ err: error, requestId: connection.id }, 'a socket could not be forgotten');
    } finally {
      this.#connections.delete(connection);
    }
  }

  #makeProtocol(): Server<Extra> {
    return makeServer<Record<string, unknown>, Extra>({
      connectionInitWaitTimeout: SOCKET_LIMITS.initMs,
      onConnect: (context) => this.#connect(context),
      onSubscribe: ({ extra, subscriptions }, id, payload) =>
        this.#operations.start(extra.connection, {
          id,
          payload,
          underWay: Object.keys(subscriptions).length,
        }),
      execute: (args) => this.#execute(args),
      subscribe: (args) => this.#subscribe(args),
      onNext: ({ extra }, id, _payload, _args, { data, errors }) =>
        errors && {
          ...(data !== undefined && { data }),
          errors: this.#format(extra.connection, id, errors),
        },
      onError: ({ extra }, id, _payload, errors) => this.#format(extra.connection, id, errors),
      onComplete: ({ extra }, id) => {
        if (extra.connection.streamId === id) extra.connection.streamId = undefined;
      },
    });
  }

  async #connect({ extra, connectionParams }: SocketContext): Promise<Record<string, unknown> | boolean> {
    try {
      return await shakeHands(this.#options, extra.connection, connectionParams ?? {});
    } finally {
      this.#gate.leave(extra.connection);
    }
  }

  #execute(args: ExecutionArgs): OperationResult {
    const compiled = this.#operations.compiled(args.document);
    return compiled ? compiled.query(args.rootValue, args.contextValue, args.variableValues) : execute(args);
  }

  #subscribe(args: ExecutionArgs): OperationResult {
    const compiled = this.#operations.compiled(args.document)?.subscribe;
    return (
      compiled ? compiled(args.rootValue, args.contextValue, args.variableValues) : subscribe(args)
    ) as OperationResult;
  }

  #format(
    connection: Connection,
    operationId: string,
    errors: readonly GraphQLError[],
  ): readonly GraphQLFormattedError[] {
    const scene = { requestId: requestIdOf(connection, operationId), logger: this.#options.logger };
    return errors.map((error) => formatError(error, scene));
  }
}

/** Sockets give buffers unless told otherwise; the types allow for more. */
function bufferOf(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}
