import assert from 'node:assert/strict';
import { createApiToken, revokeApiToken } from '../../../src/tokens/index.js';
import { testDatabase } from '../../support/database.js';
import { testApi } from '../support/test-api.js';

describe("a person's socket", () => {
  const database = testDatabase();
  const api = testApi(database);

  it('answers like HTTP', async () => {
    const client = await api.person();
    const { payload } = await client.run('{ me { kind name scopes } }');
    assert.deepEqual(payload?.data, { me: { kind: 'API_TOKEN', name: 'test', scopes: ['admin'] } });
  });

  for (const payload of [
    {},
    { authorization: 7 },
    { authorization: 'Bearer swu_wrong' },
    { authorization: '' },
  ]) {
    it(`is closed with 4401 for ${JSON.stringify(payload)}`, async () => {
      const client = api.socket();
      await client.connect(payload);
      assert.equal((await client.closed.promise).code, 4401);
    });
  }

  it('is closed with 4401 when it asks before it said who it is', async () => {
    const client = api.socket();
    await client.open();
    client.subscribe('{ version }');
    assert.equal((await client.closed.promise).code, 4401);
  });

  it('is closed with 4400 for what is no message', async () => {
    const client = api.socket();
    await client.open();
    client.socket.send('hello');
    assert.equal((await client.closed.promise).code, 4400);
  });

  it('is closed with 4406 for another subprotocol', async () => {
    const client = api.socket(['graphql-ws']);
    client.socket.once('error', () => undefined);
    assert.ok([4406, 1006].includes((await client.closed.promise).code));
  });

  it('is closed for a message that only a worker may send', async () => {
    const client = await api.person();
    client.send({ id: '1', type: 'subscribe', payload: { query: `{ version } #${'x'.repeat(2 ** 20)}` } });
    assert.equal((await client.closed.promise).code, 4400);
  });

  it('ends with its token', async () => {
    const { token, tokenId } = await createApiToken(api.pool, { name: 'short', scopes: ['read'], lifeS: 60 });
    const client = await api.person(token);
    assert.ok((await client.run('{ queue { waiting } }')).payload?.data);
    await revokeApiToken(api.pool, tokenId);
    const { type, payload } = await client.run('{ queue { waiting } }');
    assert.equal(type, 'error');
    assert.equal(
      (payload as unknown as { extensions: { code: string } }[])[0]?.extensions.code,
      'UNAUTHENTICATED',
    );
  });

  it('may not do what is for workers', async () => {
    const client = await api.person();
    const { payload } = await client.run('mutation { reportReady { ok } }');
    assert.equal(payload?.errors?.[0]?.extensions.code, 'UNAUTHENTICATED');
  });

  it('limits operations at once', async () => {
    const client = await api.person();
    for (let count = 0; count < 65; count++) client.subscribe('subscription { workerUpdated { id } }');
    const message = await client.next();
    assert.equal(message?.type, 'error');
    assert.equal(
      (message.payload as unknown as { extensions: { code: string } }[])[0]?.extensions.code,
      'RATE_LIMITED',
    );
  });

  it('does not take more handshakes at once than it can', async () => {
    const clients = Array.from({ length: 257 }, () => api.socket());
    await Promise.all(clients.slice(0, -1).map((client) => client.open()));
    const { code, reason } = await Promise.race(clients.map((client) => client.closed.promise));
    assert.equal(code, 4429);
    assert.deepEqual(JSON.parse(reason), { retryAfterMs: 1000 });
    await Promise.all(clients.map((client) => client.close()));
    const late = await api.person();
    assert.ok((await late.run('{ version }')).payload?.data);
  });
});
