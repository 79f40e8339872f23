import { once } from 'node:events';
import { request as requestPlain, type ClientRequest, type IncomingMessage } from 'node:http';
import { request as requestSecure } from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** A server that neither takes nor says anything for so long is gone. */
const SILENCE_MS = 60_000;
const MAX_ANSWER_CHARS = 10_000;

/** One request that brings a file. */
export interface FilePut {
  readonly url: URL;
  readonly signature: string;
  readonly bytes: number;
  readonly content: AsyncIterable<Uint8Array>;
  readonly signal: AbortSignal;
}

/** INTERRUPTED may be tried again; REFUSED will be refused again. */
export type PutOutcome =
  | { readonly kind: 'TAKEN' }
  | { readonly kind: 'INTERRUPTED'; readonly reason: string }
  | { readonly kind: 'REFUSED'; readonly reason: string };

/** Sends a file no faster than the server takes it. By node:http, since fetch sends streams without their length. */
export async function putFile(put: FilePut): Promise<PutOutcome> {
  try {
    const request = open(put);
    const response = once(request, 'response') as Promise<[IncomingMessage]>;
    // The answer may come, and the connection close, before all is sent.
    const sending = pipeline(Readable.from(put.content), request).catch(() => undefined);
    const [answer] = await response;
    const outcome = await read(answer);
    request.destroy();
    await sending;
    return outcome;
  } catch (error) {
    return { kind: 'INTERRUPTED', reason: error instanceof Error ? error.message : String(error) };
  }
}

function open({ url, signature, bytes, signal }: FilePut): ClientRequest {
  const start = url.protocol === 'https:' ? requestSecure : requestPlain;
  const headers = {
    'content-type': 'application/octet-stream',
    'content-length': bytes,
    'slipway-signature': signature,
  };
  const request = start(url, { method: 'PUT', headers, signal });
  request.setTimeout(SILENCE_MS, () => request.destroy(new Error(`silence for ${SILENCE_MS / 1000} s`)));
  return request;
}

async function read(answer: IncomingMessage): Promise<PutOutcome> {
  const status = answer.statusCode ?? 0;
  let text = '';
  for await (const chunk of answer.setEncoding('utf8') as AsyncIterable<string>)
    text = (text + chunk).slice(0, MAX_ANSWER_CHARS);
  if (status === 204) return { kind: 'TAKEN' };
  const reason = `the server answered ${status}${messageOf(text)}`;
  return { kind: status >= 500 || status === 429 ? 'INTERRUPTED' : 'REFUSED', reason };
}

function messageOf(text: string): string {
  try {
    const { errors } = JSON.parse(text) as { errors?: readonly { message?: unknown }[] };
    const message = errors?.[0]?.message;
    return typeof message === 'string' ? `: ${message}` : '';
  } catch {
    return ''; // No JSON: the status says what there is to say.
  }
}
