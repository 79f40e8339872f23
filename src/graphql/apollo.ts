import { randomUUID } from 'node:crypto';
import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled';
import { GraphQLError } from 'graphql';
import { DomainError } from '../base/errors.js';
import type { Logger } from '../base/logger.js';
import { admitOperation } from './admit-operation.js';
import type { GraphqlContext } from './context.js';
import { formatError } from './format-error.js';
import { HTTP_STATUS } from './http-status.js';
import { LIMIT_RULES } from './limits/limit-rules.js';
import { LIMITS } from './limits/limits.js';
import { apiSchema } from './schema.js';

/** The GraphQL server behind HTTP requests; not started yet. The socket has its own, see socket/. */
export function createApollo(logger: Logger): ApolloServer<GraphqlContext> {
  const requestIds = new WeakMap<object, string>();
  return new ApolloServer<GraphqlContext>({
    schema: apiSchema(),
    // Who may see the schema is decided per caller, in admitOperation.
    introspection: true,
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    parseOptions: { maxTokens: LIMITS.tokens },
    validationRules: [...LIMIT_RULES],
    plugins: [ApolloServerPluginLandingPageDisabled(), guard(requestIds)],
    logger: quietLogger(logger),
    formatError: (_formatted, error) =>
      formatError(error, { requestId: requestIdOf(error, requestIds), logger }),
  });
}

/** An error that ends a request before its operation runs, with its HTTP status. */
export function refusalOf(error: unknown): Error {
  if (!(error instanceof DomainError)) return error instanceof Error ? error : new Error(String(error));
  return new GraphQLError(error.message, {
    originalError: error,
    extensions: { code: error.code, http: { status: HTTP_STATUS[error.code] } },
  });
}

/** An error without a request happened before there was one, such as a body that is no JSON. */
function requestIdOf(error: unknown, requestIds: WeakMap<object, string>): string {
  const known = typeof error === 'object' && error !== null ? requestIds.get(error) : undefined;
  return known ?? randomUUID();
}

/** What Apollo has to say of itself; it tells much that nobody needs. */
function quietLogger(logger: Logger) {
  return {
    debug: (message: unknown): void => logger.trace(message),
    info: (message: unknown): void => logger.debug(message),
    warn: (message: unknown): void => logger.warn(message),
    error: (message: unknown): void => logger.error(message),
  };
}

/** Notes the request of each error, which Apollo does not tell its formatter, and judges operations before they run. */
function guard(requestIds: WeakMap<object, string>): ApolloServerPlugin<GraphqlContext> {
  return {
    requestDidStart: ({ contextValue }) =>
      Promise.resolve({
        didResolveOperation: ({ document, operation, request }) => {
          try {
            const { principal } = contextValue;
            const variables = request.variables ?? {};
            if (operation) admitOperation({ document, operation, variables, principal });
            return Promise.resolve();
          } catch (error) {
            return Promise.reject(refusalOf(error));
          }
        },
        didEncounterErrors: ({ errors }) => {
          for (const error of errors) requestIds.set(error, contextValue.requestId);
          return Promise.resolve();
        },
      }),
  };
}
