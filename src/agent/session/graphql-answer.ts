import { DomainError, ErrorCode } from '../../base/errors.js';

/** What a GraphQL server answers, as far as an agent reads it. */
export interface GraphqlAnswer {
  readonly data?: unknown;
  readonly errors?: readonly { readonly message?: unknown; readonly extensions?: unknown }[] | undefined;
}

/** The data of an answer. Throws a DomainError with the code and message of its first error. */
export function readAnswer<Data>(operation: string, answer: GraphqlAnswer): Data {
  const [first] = answer.errors ?? [];
  if (first) throw toDomainError(operation, first);
  if (answer.data === undefined || answer.data === null) {
    throw new DomainError(ErrorCode.INTERNAL, `${operation}: the answer has neither data nor errors`);
  }
  return answer.data as Data;
}

function toDomainError(
  operation: string,
  { message, extensions }: { readonly message?: unknown; readonly extensions?: unknown },
): DomainError {
  const text = typeof message === 'string' ? message : 'no reason was given';
  return new DomainError(codeOf(extensions), `${operation}: ${text}`);
}

/** Codes that we do not know come from a proxy or from the GraphQL layer itself. */
function codeOf(extensions: unknown): ErrorCode {
  const code = (extensions as { code?: unknown } | null | undefined)?.code;
  const isOurs = typeof code === 'string' && Object.hasOwn(ErrorCode, code);
  if (isOurs) return code as ErrorCode;
  return code === 'GRAPHQL_VALIDATION_FAILED' || code === 'BAD_USER_INPUT'
    ? ErrorCode.VALIDATION_FAILED
    : ErrorCode.INTERNAL;
}
