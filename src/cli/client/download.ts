import { once } from 'node:events';
import { get as getPlain, type IncomingMessage } from 'node:http';
import { get as getSecure } from 'node:https';
import { text } from 'node:stream/consumers';
import { createGunzip } from 'node:zlib';
import type { Readable } from 'node:stream';
import { ErrorCode } from '../../base/errors.js';
import { CliError } from '../cli-error.js';
import { ApiError, apiErrorOf, type WireError } from './api-error.js';
import type { Endpoint } from './http-request.js';

/** A server that sends nothing for so long is gone. */
const SILENCE_MS = 60_000;

/** What a server sends as a file. */
export interface Download {
  /** The content, decompressed. It fails when the connection breaks. */
  readonly content: Readable;
  /** A header, or once the content has ended a trailer. */
  readonly said: (name: string) => string | undefined;
}

/**
 * Asks for a file. By node:http, since the fetch of Node drops trailers. Throws a CliError UNREACHABLE without an
 * answer, an ApiError for a refusal.
 */
export async function openDownload(
  endpoint: Endpoint,
  path: string,
  signal?: AbortSignal,
): Promise<Download> {
  const response = await request(endpoint, path, signal);
  if (response.statusCode !== 200) throw await refusalOf(response);
  const said = (name: string): string | undefined => response.trailers[name] ?? headerOf(response, name);
  if (response.headers['content-encoding'] !== 'gzip') return { content: response, said };
  const inflated = createGunzip();
  // It may fail before anybody reads it: whoever does is told then.
  inflated.on('error', () => undefined);
  response.on('error', (error) => inflated.destroy(error)).pipe(inflated);
  return { content: inflated, said };
}

async function request(endpoint: Endpoint, path: string, signal?: AbortSignal): Promise<IncomingMessage> {
  const get = endpoint.url.startsWith('https:') ? getSecure : getPlain;
  const headers = {
    'accept-encoding': 'gzip',
    ...(endpoint.token === undefined ? {} : { authorization: `Bearer ${endpoint.token}` }),
  };
  const sent = get(`${endpoint.url}${path}`, { headers, ...(signal && { signal }) });
  sent.setTimeout(SILENCE_MS, () => sent.destroy(new Error(`silence for ${SILENCE_MS / 1000} s`)));
  try {
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    return response;
  } catch (cause) {
    throw new CliError('UNREACHABLE', `no answer from the server at ${endpoint.url}`, { cause });
  }
}

function headerOf(response: IncomingMessage, name: string): string | undefined {
  const value = response.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

async function refusalOf(response: IncomingMessage): Promise<ApiError> {
  const requestId = headerOf(response, 'x-request-id');
  const body = await text(response);
  try {
    const { errors } = JSON.parse(body) as { readonly errors?: readonly WireError[] };
    if (Array.isArray(errors) && errors.length > 0) return apiErrorOf(errors, requestId);
  } catch {
    // No JSON: the status says what there is to say.
  }
  return new ApiError(
    ErrorCode.INTERNAL,
    `the server answered ${response.statusCode ?? 'nothing'}`,
    requestId,
  );
}
