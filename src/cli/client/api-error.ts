import { DomainError, ErrorCode } from '../../base/errors.js';

/** What the server refused, with the id under which its log knows the request. */
export class ApiError extends DomainError {
  override readonly name = 'ApiError';

  constructor(
    code: ErrorCode,
    message: string,
    readonly requestId: string | undefined,
  ) {
    super(code, message);
  }
}

/** The parts of a GraphQL error that we read; nothing of it is taken for granted. */
export interface WireError {
  readonly message?: unknown;
  readonly extensions?: {
    readonly code?: unknown;
    readonly requestId?: unknown;
    readonly problems?: unknown;
  };
}

/** Makes an {@link ApiError} of what a server answered; codes that we do not know count as INTERNAL. */
export function apiErrorOf(errors: readonly WireError[], requestId: string | undefined): ApiError {
  const first = errors[0]?.extensions;
  const text = errors.map(({ message }) => (typeof message === 'string' ? message : 'no message')).join('\n');
  const ownId = typeof first?.requestId === 'string' ? first.requestId : requestId;
  return new ApiError(codeOf(first?.code), text, ownId);
}

/** GraphQL's own codes (a field that this server does not know) are about what was asked. */
function codeOf(code: unknown): ErrorCode {
  const known = Object.values(ErrorCode).find((candidate) => candidate === code);
  if (known !== undefined) return known;
  const isAboutInput = ['GRAPHQL_VALIDATION_FAILED', 'GRAPHQL_PARSE_FAILED', 'BAD_USER_INPUT', 'BAD_REQUEST'];
  return isAboutInput.includes(String(code)) ? ErrorCode.VALIDATION_FAILED : ErrorCode.INTERNAL;
}
