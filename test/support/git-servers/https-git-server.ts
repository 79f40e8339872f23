import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { deferred } from '../../../src/base/deferred.js';
import type { ServerCertificate } from './certificate-authority.js';

/** How a server treats those who ask it. */
export interface HttpsBehaviour {
  /** Whom it lets in; everybody without. */
  readonly login?: { readonly username: string; readonly token: string };
  /** HANG: takes requests and never answers. BREAK_OFF: closes in the middle of a pack. REDIRECT: sends elsewhere. */
  readonly fault?: 'HANG' | 'BREAK_OFF' | { readonly redirectTo: string } | { readonly status: number };
}

/**
 * A real git server that speaks smart HTTP over TLS on 127.0.0.1: git's own http-backend behind Node's https. Serves
 * the repositories below one directory.
 */
export class HttpsGitServer {
  behaviour: HttpsBehaviour = {};
  /** `authorization` of each request, in the order in which they came. */
  readonly authorizations: (string | undefined)[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #asked = deferred<void>();

  constructor(
    private readonly root: string,
    certificate: ServerCertificate,
  ) {
    this.#server = createServer(certificate, (request, response) => this.#answer(request, response));
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
      socket.on('error', () => undefined);
    });
    // Who does not believe the certificate hangs up.
    this.#server.on('tlsClientError', () => undefined);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** The URL of a repository below the root. */
  urlOf(name: string, host = '127.0.0.1'): string {
    return `https://${host}:${this.port}/${name}`;
  }

  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  /** Resolves when the next request has come. */
  async asked(): Promise<void> {
    this.#asked = deferred<void>();
    await this.#asked.promise;
  }

  /** How many connections are open. */
  get connections(): number {
    return this.#sockets.size;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { authorization } = request.headers;
    this.authorizations.push(authorization);
    this.#asked.resolve();
    const { login, fault } = this.behaviour;
    if (login !== undefined && authorization !== basic(login)) return challenge(response);
    if (fault === 'HANG') return;
    if (typeof fault === 'object') return fail(response, request, fault);
    this.#serve(request, response, fault === 'BREAK_OFF' && request.method === 'POST');
  }

  /** One CGI program per request, as a web server would run it. */
  #serve(request: IncomingMessage, response: ServerResponse, breaksOff: boolean): void {
    const url = new URL(request.url ?? '/', 'https://127.0.0.1');
    const child = spawn('git', ['-c', 'safe.directory=*', 'http-backend'], {
      env: {
        PATH: process.env.PATH,
        GIT_HTTP_EXPORT_ALL: '1',
        GIT_PROJECT_ROOT: this.root,
        GIT_CONFIG_COUNT: '2',
        GIT_CONFIG_KEY_0: 'safe.directory',
        GIT_CONFIG_VALUE_0: '*',
        GIT_CONFIG_KEY_1: 'uploadpack.allowAnySHA1InWant',
        GIT_CONFIG_VALUE_1: 'true',
        GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
        HTTP_CONTENT_ENCODING: String(request.headers['content-encoding'] ?? ''),
        CONTENT_TYPE: request.headers['content-type'] ?? '',
        PATH_INFO: url.pathname,
        QUERY_STRING: url.search.slice(1),
        REMOTE_ADDR: '127.0.0.1',
        REQUEST_METHOD: request.method ?? 'GET',
      },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    child.stdin.on('error', () => undefined);
    request.pipe(child.stdin);
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.once('close', () => send(response, Buffer.concat(chunks), breaksOff));
  }
}

/** The Basic authorization of a login. */
export function basic({ username, token }: NonNullable<HttpsBehaviour['login']>): string {
  return `Basic ${Buffer.from(`${username}:${token}`).toString('base64')}`;
}

function challenge(response: ServerResponse): void {
  response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end('who are you?');
}

function fail(
  response: ServerResponse,
  request: IncomingMessage,
  fault: { readonly redirectTo: string } | { readonly status: number },
): void {
  if ('status' in fault) response.writeHead(fault.status).end();
  else response.writeHead(302, { location: `${fault.redirectTo}${request.url ?? ''}` }).end();
}

/** What a CGI program writes: header lines, an empty line, the body. */
function send(response: ServerResponse, output: Buffer, breaksOff: boolean): void {
  const end = output.indexOf('\r\n\r\n');
  const headers = output
    .subarray(0, end)
    .toString()
    .split('\r\n')
    .map((line) => /^([^:]+):\s*(.*)$/.exec(line))
    .filter((match) => match !== null)
    .map(([, name = '', value = '']) => [name.toLowerCase(), value] as const);
  const status = headers.find(([name]) => name === 'status')?.[1] ?? '200';
  response.writeHead(Number.parseInt(status, 10), Object.fromEntries(headers));
  const body = output.subarray(end + 4);
  if (!breaksOff) return void response.end(body);
  response.write(body.subarray(0, body.length / 2), () => response.socket?.destroy());
}
