import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { testDatabase } from '../support/database.js';
import { TestApi, testApi } from '../graphql/support/test-api.js';

const MEBIBYTE = 1024 * 1024;

describe('the HTTP server', () => {
  const database = testDatabase();
  const api = testApi(database);

  it('says that it lives, and that its database does', async () => {
    for (const path of ['/healthz', '/readyz']) {
      const response = await fetch(`${api.url}${path}`);
      assert.deepEqual([response.status, await response.json()], [200, { status: 'ok' }]);
    }
  });

  it('answers with the media type of GraphQL', async () => {
    const response = await fetch(`${api.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
      body: JSON.stringify({ query: '{ version }' }),
    });
    assert.match(response.headers.get('content-type') ?? '', /^application\/graphql-response\+json/);
    assert.match(response.headers.get('x-request-id') ?? '', /^[0-9a-f-]{36}$/);
    assert.deepEqual(await response.json(), { data: { version: '0.0.0-test' } });
  });

  const refused: Record<string, [path: string, init: RequestInit, status: number, code: string]> = {
    'another path': ['/nothing', {}, 404, 'NOT_FOUND'],
    'a body that is no JSON': ['/graphql', body('application/json', '{'), 400, 'VALIDATION_FAILED'],
    'another media type': ['/graphql', body('application/xml', '<x/>'), 415, 'VALIDATION_FAILED'],
    'a form of another site': ['/graphql', body('text/plain', '{"query":"{ version }"}'), 400, 'BAD_REQUEST'],
    'a link of another site': ['/graphql?query=%7Bversion%7D', {}, 400, 'BAD_REQUEST'],
    'a large body': ['/graphql', body('application/json', ' '.repeat(MEBIBYTE + 1)), 413, 'TOO_LARGE'],
  };
  for (const [what, [path, init, status, code]] of Object.entries(refused)) {
    it(`refuses ${what}`, async () => {
      const response = await fetch(`${api.url}${path}`, init);
      const { errors } = (await response.json()) as { errors: { extensions: Record<string, string> }[] };
      assert.deepEqual([response.status, errors[0]?.extensions['code']], [status, code]);
      assert.ok(errors[0]?.extensions['requestId']);
      assert.equal(errors[0].extensions['stacktrace'], undefined);
    });
  }

  for (const framing of ['content-length: 104857600', 'transfer-encoding: chunked']) {
    it(`refuses a body of 100 MB (${framing}) before it has come`, async () => {
      const socket = await open(api.url);
      socket.write(
        `POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n${framing}\r\n\r\n`,
      );
      const sent = sendUntilAnswered(socket, framing.includes('chunked'));
      const [answer] = (await once(socket, 'data')) as [Buffer];
      assert.match(answer.toString(), /^HTTP\/1.1 413 [^]*"code":"TOO_LARGE"/);
      const bytes = await sent;
      assert.ok(bytes < 50 * MEBIBYTE, `${bytes} bytes were sent before the answer`);
      socket.destroy();
      assert.equal((await fetch(`${api.url}/healthz`)).status, 200);
    });
  }

  it('takes no upgrade elsewhere', async () => {
    const socket = await open(api.url);
    socket.write('GET /elsewhere HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    assert.match(answer.toString(), /^HTTP\/1.1 404 /);
    socket.destroy();
  });
});

describe('a server that stops', () => {
  const database = testDatabase();

  it('sends its clients elsewhere and leaves nothing open', async () => {
    const api = new TestApi();
    await api.start(database, {});
    const clients = [await api.person(), await api.person()];
    clients[0]?.subscribe('subscription { workerUpdated { id } }');
    const ends = clients.map((client) => client.closed.promise);
    await api.stop();
    assert.deepEqual(
      (await Promise.all(ends)).map(({ code }) => code),
      [4414, 4414],
    );
    await assert.rejects(fetch(`${api.url}/healthz`));
  });
});

function body(type: string, text: string): RequestInit {
  return { method: 'POST', headers: { 'content-type': type }, body: text };
}

async function open(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

/** Sends up to 100 MB as fast as the other side takes it; resolves with what was sent when it answers or hangs up. */
async function sendUntilAnswered(socket: Socket, isChunked: boolean): Promise<number> {
  let isOver = false;
  socket.once('data', () => (isOver = true));
  socket.once('close', () => (isOver = true));
  const part = Buffer.alloc(MEBIBYTE, 32);
  let bytes = 0;
  while (!isOver && bytes < 100 * MEBIBYTE) {
    const chunk = isChunked ? Buffer.concat([Buffer.from('100000\r\n'), part, Buffer.from('\r\n')]) : part;
    await new Promise<void>((resolve) => {
      const done = (): void => resolve();
      socket.once('close', done);
      socket.write(chunk, () => {
        socket.off('close', done);
        resolve();
      });
    });
    bytes += MEBIBYTE;
  }
  return bytes;
}
