import { GraphQLError, type GraphQLSchema } from 'graphql';
import { compileQuery, isCompiledQuery, type CompiledQuery } from 'graphql-jit';
import { ErrorCode } from '../../base/errors.js';
import { rootFieldsOf } from '../admit-operation.js';
import { prepareOperation, type PreparedOperation } from './prepare-operation.js';

/** What a worker may ask on its socket. */
const FIELDS: ReadonlySet<string> = new Set([
  'acceptBuilds',
  'appendLogs',
  'buildPackages',
  'createUploads',
  'finishBuilds',
  'heartbeat',
  'refuseBuilds',
  'reportReady',
  'startBuilds',
  'updateSteps',
  'updateWorker',
]);

/** Agents send a dozen documents, always the same; others may be written by hand. */
const MAX_CACHED = 100;
const MAX_QUERY_CHARS = 8192;

/** An operation of a worker, compiled. */
export interface WorkerOperation extends PreparedOperation {
  readonly compiled: CompiledQuery;
}

/**
 * The operations of workers, each parsed, validated and compiled once: by far most of what a busy server is asked.
 * Compiling takes events from 70k to 130k a second, operations from 47k to 56k.
 */
export class WorkerOperations {
  readonly #schema: GraphQLSchema;
  readonly #known = new Map<string, WorkerOperation>();

  constructor(schema: GraphQLSchema) {
    this.#schema = schema;
  }

  /** The operation of a document, or what is wrong with it. Documents hold one operation each. */
  find(query: string): WorkerOperation | readonly GraphQLError[] {
    const known = this.#known.get(query);
    if (known) return known;
    if (query.length > MAX_QUERY_CHARS) return [refused(`a document of ${query.length} characters`)];
    const prepared = prepareOperation(this.#schema, query, undefined);
    if (!('document' in prepared)) return prepared;
    const strange = [...rootFieldsOf(prepared.document, prepared.operation)].find(
      (field) => !FIELDS.has(field),
    );
    if (strange !== undefined) return [refused(`"${strange}"`)];
    const compiled = compileQuery(this.#schema, prepared.document);
    if (!isCompiledQuery(compiled)) return compiled.errors ?? [refused('a document that does not compile')];
    const operation = { ...prepared, compiled };
    this.#remember(query, operation);
    return operation;
  }

  /** The oldest makes room: a worker that makes up documents only slows itself down. */
  #remember(query: string, operation: WorkerOperation): void {
    const [oldest] = this.#known.keys();
    if (this.#known.size >= MAX_CACHED && oldest !== undefined) this.#known.delete(oldest);
    this.#known.set(query, operation);
  }
}

function refused(what: string): GraphQLError {
  return new GraphQLError(`${what} is not for the socket of a worker: see docs/PROTOCOL.md`, {
    extensions: { code: ErrorCode.FORBIDDEN },
  });
}
