import {
  GraphQLError,
  OperationTypeNode,
  type DocumentNode,
  type ExecutionArgs,
  type GraphQLSchema,
} from 'graphql';
import type { SubscribePayload } from 'graphql-ws';
import type { CompiledQuery } from 'graphql-jit';
import { authenticate } from '../../accounts/index.js';
import { DomainError, ErrorCode } from '../../base/errors.js';
import { CloseCode } from '../../protocol/close-codes.js';
import { admitOperation } from '../admit-operation.js';
import type { GraphqlBackend } from '../context.js';
import { operationContext } from '../operation-context.js';
import type { Connection } from './connection.js';
import { SOCKET_LIMITS } from './limits.js';
import { prepareOperation } from './prepare-operation.js';
import { WorkerOperations } from './worker-operations.js';

/** An operation as the client sent it. */
export interface IncomingOperation {
  readonly id: string;
  readonly payload: SubscribePayload;
  /** Operations under way on the connection, this one included. */
  readonly underWay: number;
}

/** What becomes of an operation: it runs, or it fails with errors. */
export type OperationStart = ExecutionArgs | readonly GraphQLError[];

/** Takes operations that come on sockets and makes them ready to run. */
export class SocketOperations {
  readonly #schema: GraphQLSchema;
  readonly #backend: GraphqlBackend;
  readonly #ofWorkers: WorkerOperations;
  readonly #compiled = new WeakMap<DocumentNode, CompiledQuery>();

  constructor(schema: GraphQLSchema, backend: GraphqlBackend) {
    this.#schema = schema;
    this.#backend = backend;
    this.#ofWorkers = new WorkerOperations(schema);
  }

  /** Ready to run, or what is wrong with it. Operations of workers are ready at once, so that they stay in order. */
  start(connection: Connection, incoming: IncomingOperation): OperationStart | Promise<OperationStart> {
    const limit = connection.session ? SOCKET_LIMITS.workerOperations : SOCKET_LIMITS.operations;
    if (incoming.underWay > limit) {
      return [
        asGraphqlError(new DomainError(ErrorCode.RATE_LIMITED, `more than ${limit} operations at once`)),
      ];
    }
    return connection.session
      ? this.#startOfWorker(connection, incoming)
      : this.#startOfPerson(connection, incoming);
  }

  /** The compiled form of a document, if it has one. */
  compiled(document: DocumentNode): CompiledQuery | undefined {
    return this.#compiled.get(document);
  }

  #startOfWorker(connection: Connection, { id, payload }: IncomingOperation): OperationStart {
    const found = this.#ofWorkers.find(payload.query);
    if (!('compiled' in found)) return found;
    if (found.operation.operation === OperationTypeNode.SUBSCRIPTION) {
      // The session would have to choose between two streams: the protocol says that there is one.
      if (connection.streamId !== undefined) {
        connection.close(CloseCode.DUPLICATE_SUBSCRIBER, 'this session has its stream already');
        return [new GraphQLError('this session has its stream already')];
      }
      connection.streamId = id;
    }
    this.#compiled.set(found.document, found.compiled);
    return this.#argumentsOf(connection, found.document, { id, payload });
  }

  async #startOfPerson(connection: Connection, { id, payload }: IncomingOperation): Promise<OperationStart> {
    const prepared = prepareOperation(this.#schema, payload.query, payload.operationName);
    if (!('document' in prepared)) return prepared;
    try {
      await this.#recheck(connection);
      const variables = payload.variables ?? {};
      admitOperation({ ...prepared, variables, principal: connection.principal });
    } catch (error) {
      return [asGraphqlError(error)];
    }
    return this.#argumentsOf(connection, prepared.document, { id, payload });
  }

  #argumentsOf(
    connection: Connection,
    document: DocumentNode,
    { id, payload }: Pick<IncomingOperation, 'id' | 'payload'>,
  ): ExecutionArgs {
    const { principal, session } = connection;
    return {
      schema: this.#schema,
      document,
      operationName: payload.operationName,
      variableValues: payload.variables,
      contextValue: operationContext(this.#backend, {
        requestId: requestIdOf(connection, id),
        principal,
        recheck: () => this.#recheck(connection),
        ...(session && { session }),
        isStream: true,
      }),
    };
  }

  /** A socket may outlive its token. */
  async #recheck(connection: Connection): Promise<void> {
    if (connection.session) return;
    connection.principal = await authenticate(this.#backend.db, connection.authorization);
  }
}

/** Names an operation in answers and in the log. */
export function requestIdOf(connection: Connection, operationId: string): string {
  return `${connection.id}/${operationId.slice(0, 40)}`;
}

function asGraphqlError(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error;
  const cause = error instanceof Error ? error : new Error(String(error));
  return new GraphQLError(cause.message, { originalError: cause });
}
