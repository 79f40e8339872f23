import { type DomainError, ErrorCode } from '../../base/errors.js';
import { CliError } from '../cli-error.js';
import { ApiError, apiErrorOf, type WireError } from './api-error.js';

/** A server and who speaks to it. */
export interface Endpoint {
  /** `http(s)://host[:port]`, without a slash at the end. */
  readonly url: string;
  readonly token: string | undefined;
}

/** What a GraphQL server answers over HTTP. */
export interface WireResponse {
  readonly data?: unknown;
  readonly errors?: readonly WireError[];
}

const ANSWER_GUARD_MS = 30_000;

/**
 * Sends one operation. Throws a CliError UNREACHABLE when there is no answer, an {@link ApiError} when there is one
 * that is not GraphQL. Errors inside a GraphQL answer are left to the caller.
 */
export async function sendRequest(
  endpoint: Endpoint,
  body: { readonly query: string; readonly variables: unknown },
  signal?: AbortSignal,
): Promise<{ readonly response: WireResponse; readonly requestId: string | undefined }> {
  const answer = await post(endpoint, JSON.stringify(body), signal);
  const requestId = answer.headers.get('x-request-id') ?? undefined;
  const response = parseResponse(await answer.text());
  if (response === undefined) throw notGraphql(endpoint, answer, requestId);
  return { response, requestId };
}

/** Data of an answer, or its errors thrown. */
export function dataOf<Data>(response: WireResponse, requestId?: string): Data {
  if (response.errors !== undefined && response.errors.length > 0) {
    throw apiErrorOf(response.errors, requestId);
  }
  return response.data as Data;
}

/** Nobody answers at an address. */
function unreachable(endpoint: Endpoint, cause: unknown): CliError {
  return new CliError('UNREACHABLE', `no answer from the server at ${endpoint.url}`, {
    cause: rootCause(cause),
    next: 'check that it runs (`npm start` in the checkout), or give another address with --server',
  });
}

async function post(endpoint: Endpoint, body: string, stop?: AbortSignal): Promise<Response> {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    accept: 'application/graphql-response+json, application/json',
  };
  if (endpoint.token !== undefined) headers.authorization = `Bearer ${endpoint.token}`;
  try {
    const guard = AbortSignal.timeout(ANSWER_GUARD_MS);
    const signal = stop === undefined ? guard : AbortSignal.any([guard, stop]);
    return await fetch(`${endpoint.url}/graphql`, { method: 'POST', headers, body, signal });
  } catch (error) {
    throw unreachable(endpoint, error);
  }
}

/** `fetch failed` hides the reason (refused, name unknown) one level down. */
function rootCause(error: unknown): unknown {
  return error instanceof Error && error.cause instanceof Error ? error.cause : error;
}

function parseResponse(text: string): WireResponse | undefined {
  try {
    const found: unknown = JSON.parse(text);
    const isObject = typeof found === 'object' && found !== null;
    return isObject && ('data' in found || 'errors' in found) ? (found as WireResponse) : undefined;
  } catch {
    return undefined; // The caller says what came instead, by its status.
  }
}

function notGraphql(endpoint: Endpoint, answer: Response, requestId: string | undefined): DomainError {
  const codes: Readonly<Record<number, ErrorCode>> = {
    401: ErrorCode.UNAUTHENTICATED,
    403: ErrorCode.FORBIDDEN,
    413: ErrorCode.TOO_LARGE,
    429: ErrorCode.RATE_LIMITED,
    503: ErrorCode.STORE_UNAVAILABLE,
  };
  const message = `${endpoint.url}/graphql answered ${answer.status} ${answer.statusText} without a GraphQL result`;
  return new ApiError(codes[answer.status] ?? ErrorCode.INTERNAL, message, requestId);
}
