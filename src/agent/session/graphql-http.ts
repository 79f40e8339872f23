import { DomainError, ErrorCode } from '../../base/errors.js';
import type { Operation } from '../../protocol/operations.js';
import { readAnswer, type GraphqlAnswer } from './graphql-answer.js';

const TIMEOUT_MS = 10_000;
const MAX_ANSWER_CHARS = 1024 * 1024;

/**
 * Calls the server over HTTP, without authentication: for what comes before a session. Throws a DomainError; with
 * STORE_UNAVAILABLE the server could not be reached or did not speak GraphQL. Redirects are not followed: the origin
 * is part of what is signed.
 */
export async function callOverHttp<Variables, Data>(
  serverUrl: string,
  operation: Operation<Variables, Data>,
  variables: Variables,
): Promise<Data> {
  const { name, query } = operation;
  const body = JSON.stringify({ operationName: name, query, variables });
  const text = await post(new URL('/graphql', serverUrl), body);
  return readAnswer<Data>(name, parseAnswer(text, serverUrl));
}

async function post(url: URL, body: string): Promise<string> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/json',
        accept: 'application/graphql-response+json, application/json',
      },
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return await response.text();
  } catch (error) {
    throw unavailable(url.origin, reasonOf(error), error);
  }
}

function parseAnswer(text: string, serverUrl: string): GraphqlAnswer {
  try {
    const answer: unknown = text.length <= MAX_ANSWER_CHARS ? JSON.parse(text) : undefined;
    if (typeof answer === 'object' && answer !== null) return answer;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw unavailable(serverUrl, `it answered ${text.length} characters that are no GraphQL answer`, undefined);
}

function unavailable(server: string, reason: string, cause: unknown): DomainError {
  return new DomainError(
    ErrorCode.STORE_UNAVAILABLE,
    `the server ${server} cannot be used: ${reason}`,
    {},
    { cause },
  );
}

/** fetch says only "fetch failed"; what happened stands in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message || error.message : error.message;
}
