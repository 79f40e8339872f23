import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DomainError, ErrorCode } from '../base/errors.js';
import type { Logger } from '../base/logger.js';
import { formatError, HTTP_STATUS } from '../graphql/index.js';

/** Statuses of what Fastify refuses by itself. Others are defects. */
const CODES: Readonly<Record<number, ErrorCode>> = {
  400: ErrorCode.VALIDATION_FAILED,
  404: ErrorCode.NOT_FOUND,
  413: ErrorCode.TOO_LARGE,
  415: ErrorCode.VALIDATION_FAILED,
};

/** Makes every refusal before GraphQL look like one of GraphQL: typed, with the request's id, without internals. */
export function addRefusals(app: FastifyInstance, options: { logger: Logger; bodyLimitBytes: number }): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    if (error instanceof DomainError) {
      return refuse(reply, { status: HTTP_STATUS[error.code], error, request, logger: options.logger });
    }
    const status = CODES[error.statusCode ?? 500] ? (error.statusCode ?? 500) : 500;
    const code = CODES[status];
    const typed = code ? new DomainError(code, explain(error, options.bodyLimitBytes)) : error;
    return refuse(reply, { status, error: typed, request, logger: options.logger });
  });
  app.setNotFoundHandler((request, reply) => {
    const error = new DomainError(ErrorCode.NOT_FOUND, `there is nothing at ${request.method} of this path`);
    return refuse(reply, { status: 404, error, request, logger: options.logger });
  });
}

interface Refusal {
  readonly status: number;
  readonly error: Error;
  readonly request: FastifyRequest;
  readonly logger: Logger;
}

function refuse(reply: FastifyReply, { status, error, request, logger }: Refusal): FastifyReply {
  const formatted = formatError(error, { requestId: request.id, logger });
  return reply
    .code(status)
    .type('application/json; charset=utf-8')
    .send(JSON.stringify({ errors: [formatted] }));
}

function explain(error: FastifyError, bodyLimitBytes: number): string {
  if (error.statusCode === 413) return `the body is too large: at most ${bodyLimitBytes} bytes are taken`;
  if (error.statusCode === 415) return 'the content type is not taken: expected application/json';
  return 'the request cannot be read: expected a body of JSON';
}
