import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { Connection } from '../../../src/graphql/socket/connection.js';

const LIMITS = { highWaterBytes: 1000, unsentBytes: 15_000_000, stallMs: 200, closeMs: 100 };
/** Far more than the buffers of two kernels take. */
const LARGE = 'x'.repeat(30_000_000);

describe('a connection', () => {
  let server: WebSocketServer;
  let client: WebSocket;
  let connection: Connection;
  let closed: Promise<unknown>;

  beforeEach('open a socket', async () => {
    server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    await once(server, 'listening');
    client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const opened = once(client, 'open');
    const [socket] = (await once(server, 'connection')) as [WebSocket];
    await opened;
    connection = new Connection(socket, LIMITS);
    closed = once(socket, 'close').then(() => connection.forget());
  });

  afterEach('close it', async () => {
    client.terminate();
    await closed;
    server.close();
    await once(server, 'close');
  });

  it('sends at once while its reader keeps up', async () => {
    const message = once(client, 'message');
    await connection.send('hello');
    assert.equal(String((await message)[0]), 'hello');
  });

  it('waits for a reader that is slow, and goes on when it reads again', async () => {
    client.pause();
    await connection.send(LARGE.slice(0, 12_000_000));
    let isSent = false;
    const sent = connection.send('after').then(() => (isSent = true));
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(isSent, false);
    client.resume();
    await sent;
    assert.equal(connection.closeCode, undefined);
  });

  it('is closed for a reader that takes nothing', async () => {
    client.pause();
    await connection.send(LARGE.slice(0, 12_000_000));
    await connection.send('waits');
    await closed;
    assert.equal(connection.closeCode, 4413);
  });

  it('is closed when too much is unsent', async () => {
    client.pause();
    await connection.send(LARGE);
    await connection.send('one more');
    assert.equal(connection.closeCode, 4413);
    await closed;
  });

  it('is destroyed when its peer answers no ping', async () => {
    client.pause();
    connection.ping();
    connection.ping();
    await closed;
  });

  it('has the first code that it is closed with, and a reason that fits', async () => {
    const end = once(client, 'close');
    connection.close(4410, 'é'.repeat(100));
    connection.close(4413, 'later');
    const [code, reason] = (await end) as [number, Buffer];
    assert.deepEqual([code, reason.toString()], [4410, 'é'.repeat(61)]);
  });
});
