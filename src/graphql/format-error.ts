import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { DomainError, ErrorCode } from '../base/errors.js';
import type { Logger } from '../base/logger.js';
import { storeFailure } from '../database/failures.js';
import { TOO_DEEP } from './limits/limits.js';
import { withholdValues } from './withhold-values.js';

/** Where an error happened. */
export interface ErrorScene {
  readonly requestId: string;
  readonly logger: Logger;
}

/**
 * An error as callers see it, on both transports: what a DomainError says, what GraphQL says of a bad document, and
 * otherwise nothing but INTERNAL and the request's id, under which the log has the rest.
 */
export function formatError(error: unknown, scene: ErrorScene): GraphQLFormattedError {
  const cause = causeOf(error);
  const place = placeOf(error);
  if (cause instanceof DomainError) return { ...place, ...describeDomainError(cause, scene) };
  if (storeFailure(cause) === 'UNREACHABLE') {
    scene.logger.warn({ err: cause, requestId: scene.requestId }, 'the database is not available');
    return { ...place, ...describe(ErrorCode.STORE_UNAVAILABLE, 'the database is not available now', scene) };
  }
  if (isCallersFault(error)) {
    const shown = withRequestId(error, scene);
    return cause instanceof RangeError ? { ...shown, message: TOO_DEEP } : shown;
  }
  scene.logger.error({ err: cause, requestId: scene.requestId, path: place.path }, 'an operation failed');
  return { ...place, ...describe(ErrorCode.INTERNAL, 'something went wrong in the server', scene) };
}

/** What was thrown at first, under the errors that GraphQL put around it. */
function causeOf(error: unknown): unknown {
  return error instanceof GraphQLError && error.originalError ? causeOf(error.originalError) : error;
}

function placeOf(error: unknown): Pick<GraphQLFormattedError, 'path' | 'locations'> {
  if (!(error instanceof GraphQLError)) return {};
  const { path, locations } = error.toJSON();
  return { ...(path && { path }), ...(locations && { locations }) };
}

function describeDomainError(error: DomainError, scene: ErrorScene): GraphQLFormattedError {
  if (error.code !== ErrorCode.INTERNAL) return describe(error.code, error.message, scene, error.details);
  scene.logger.error({ err: error, requestId: scene.requestId }, 'an operation failed');
  return describe(ErrorCode.INTERNAL, 'something went wrong in the server', scene);
}

function describe(
  code: ErrorCode,
  message: string,
  { requestId }: ErrorScene,
  details: Readonly<Record<string, unknown>> = {},
): GraphQLFormattedError {
  return { message, extensions: { ...details, code, requestId } };
}

/** Errors of documents and variables have a code, or a place in the document but no path to a field that failed. */
function isCallersFault(error: unknown): error is GraphQLError {
  if (!(error instanceof GraphQLError)) return false;
  // Errors of compiled operations have no extensions at all.
  const { extensions } = error as Partial<GraphQLError>;
  const code = extensions?.['code'];
  if (code === 'INTERNAL_SERVER_ERROR') return false;
  return typeof code === 'string' || (error.path === undefined && error.locations !== undefined);
}

function withRequestId(error: GraphQLError, { requestId }: ErrorScene): GraphQLFormattedError {
  const { extensions, message, ...rest } = error.toJSON();
  const { stacktrace: _stack, http: _http, ...shown } = extensions ?? {};
  return {
    ...rest,
    message: withholdValues(message),
    extensions: { code: 'BAD_USER_INPUT', ...shown, ...ownCode(shown), requestId },
  };
}

/** Apollo gives its own code to whatever a validation rule reports; ours are known by what they carry. */
function ownCode(extensions: Readonly<Record<string, unknown>>): { code?: ErrorCode } {
  const isOurs = 'limit' in extensions || 'problems' in extensions;
  return isOurs && extensions['code'] === 'GRAPHQL_VALIDATION_FAILED'
    ? { code: ErrorCode.VALIDATION_FAILED }
    : {};
}
