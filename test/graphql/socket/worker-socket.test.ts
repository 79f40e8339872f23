import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { OpenSessionOutcome } from '../../../src/graphql/index.js';
import type { ConnectPayload, Frame } from '../../../src/protocol/messages.js';
import * as operations from '../../../src/protocol/operations.js';
import { testDatabase } from '../../support/database.js';
import { insertWorker } from '../support/rows.js';
import type { SocketClient } from '../support/socket-client.js';
import { testApi } from '../support/test-api.js';
import { ACK } from '../support/test-services.js';
import { TestSession } from '../support/test-session.js';

const BUILD = randomUUID();
const FRAMES: Frame[] = [
  {
    seq: 1,
    kid: 'kid',
    signature: 'signature',
    events: [
      { __typename: 'BuildPackage', buildId: BUILD, head: '{}', sealId: 's', seal: 'x' },
      { __typename: 'CancelBuild', buildId: BUILD, reason: 'why', graceMs: 15_000 },
      { __typename: 'Beat', heartbeat: 3 },
      { __typename: 'Drain', reason: 'bye' },
    ],
  },
  { seq: 2, kid: null, signature: null, events: [{ __typename: 'Beat', heartbeat: 4 }] },
];

describe("a worker's socket", () => {
  const database = testDatabase();
  const sessions: TestSession[] = [];
  let outcome: (payload: ConnectPayload) => Promise<OpenSessionOutcome> = accept;
  const api = testApi(database, { openSession: (payload) => outcome(payload) });

  function accept({ workerId }: ConnectPayload): Promise<OpenSessionOutcome> {
    const session = new TestSession(workerId, FRAMES);
    sessions.push(session);
    return Promise.resolve({ kind: 'OPENED', session, ack: ACK });
  }

  beforeEach(() => (outcome = accept));

  async function connected(
    workerId: string = randomUUID(),
  ): Promise<{ client: SocketClient; session: TestSession }> {
    const client = api.socket();
    const message = await client.connect(payloadOf(workerId));
    assert.equal(message?.type, 'connection_ack');
    const session = sessions.at(-1);
    assert.ok(session);
    return { client, session };
  }

  it('is acknowledged with what the session says', async () => {
    const client = api.socket();
    const message = await client.connect(payloadOf(randomUUID()));
    assert.deepEqual(message, { type: 'connection_ack', payload: ACK });
  });

  it('carries frames with every kind of event', async () => {
    const { client } = await connected();
    client.subscribe(operations.buildPackages.query);
    const [first, second] = [await client.next(), await client.next()];
    assert.deepEqual(first?.payload?.data, { buildPackages: FRAMES[0] });
    assert.deepEqual(second?.payload?.data, { buildPackages: FRAMES[1] });
  });

  it('answers each item of a list in its order', async () => {
    const { client, session } = await connected();
    const input = [BUILD, randomUUID()].map((buildId) => ({ buildId, token: 't', chunks: [] }));
    const { payload } = await client.run(operations.appendLogs.query, { input });
    assert.deepEqual(
      payload?.data,
      { appendLogs: input.map(({ buildId }) => ({ buildId, outcome: 'OK', status: null, message: null })) },
      JSON.stringify(payload),
    );
    assert.deepEqual(session.calls, ['appendLogs']);
  });

  it('takes logs of several megabytes in one message', async () => {
    const { client } = await connected();
    const data = 'A'.repeat(6 * 1024 * 1024);
    const input = [{ buildId: BUILD, token: 't', chunks: [{ step: 0, seq: 0, data }] }];
    const { payload } = await client.run(operations.appendLogs.query, { input });
    assert.equal(payload?.errors, undefined);
  });

  it('shows a worker its own record', async () => {
    const { worker } = await insertWorker(database, 'w-1');
    const { client } = await connected(worker);
    const { payload } = await client.run(operations.updateWorker.query, { input: { version: '1.0.0' } });
    assert.deepEqual(payload?.data, { updateWorker: { id: worker, buildLimit: 2 } });
  });

  it("may not change another worker's record", async () => {
    const { client } = await connected();
    const { payload } = await client.run(operations.updateWorker.query, {
      input: { workerId: randomUUID() },
    });
    assert.equal(payload?.errors?.[0]?.extensions.code, 'VALIDATION_FAILED');
  });

  for (const query of ['{ jobs { nodes { id } } }', '{ __schema { types { name } } }', '{ version }']) {
    it(`may not ask ${query}`, async () => {
      const { client } = await connected();
      const { type, payload } = await client.run(query);
      assert.equal(type, 'error');
      assert.equal(
        (payload as unknown as { extensions: { code: string } }[])[0]?.extensions.code,
        'FORBIDDEN',
      );
    });
  }

  it('says what is wrong with variables', async () => {
    const { client } = await connected();
    const { payload } = await client.run(operations.startBuilds.query, { input: [{ buildId: BUILD }] });
    const [error] = payload?.errors ?? [];
    assert.equal(error?.extensions.code, 'BAD_USER_INPUT');
    assert.match(error.message, /token/);
  });

  it('is closed when it asks for a second stream', async () => {
    const { client, session } = await connected();
    client.subscribe(operations.buildPackages.query);
    await session.streamed.promise;
    client.subscribe(operations.buildPackages.query);
    assert.equal((await client.closed.promise).code, 4409);
    assert.equal(await session.closed.promise, 4409);
  });

  it('tells the session how it was closed', async () => {
    const { client, session } = await connected();
    client.subscribe(operations.buildPackages.query);
    await session.streamed.promise;
    client.socket.close(1000);
    assert.equal(await session.closed.promise, 1000);
  });

  it('is closed when the session is superseded', async () => {
    const { client, session } = await connected();
    session.closeFromServer(4410);
    assert.equal((await client.closed.promise).code, 4410);
  });

  it('is refused with the code of the refusal', async () => {
    outcome = () => Promise.resolve({ kind: 'REFUSED', closeCode: 4403, reason: 'the proof is not good' });
    const client = api.socket();
    await client.connect(payloadOf(randomUUID()));
    assert.deepEqual(await client.closed.promise, { code: 4403, reason: 'the proof is not good' });
  });

  it('leaves no session behind when it goes during the handshake', async () => {
    const session = new TestSession(randomUUID());
    const client = api.socket();
    outcome = async () => {
      client.socket.terminate();
      await client.closed.promise;
      // The server has noticed by the time at which it has answered somebody else.
      await api.ask('{ version }');
      return { kind: 'OPENED', session, ack: ACK };
    };
    await client.open();
    client.send({ type: 'connection_init', payload: payloadOf(session.workerId) });
    assert.ok(await session.closed.promise);
  });

  it('says nothing of a failure in the handshake', async () => {
    outcome = () => Promise.reject(new Error('select secret from somewhere'));
    const client = api.socket();
    await client.connect(payloadOf(randomUUID()));
    const { code, reason } = await client.closed.promise;
    assert.equal(code, 4500);
    assert.doesNotMatch(reason, /secret/);
  });

  const wrong: Record<string, Record<string, unknown>> = {
    'another version': { version: 2 },
    'no worker id': { workerId: 'w-1' },
    'a NUL byte': { bootId: 'a\0b' },
    'half of a surrogate pair': { challenge: '\ud800' },
    'a negative epoch': { lastEpoch: -1 },
    'a number as text': { lastEpoch: '1' },
    'holds that are no text': { holds: [] },
    'no signature': { signature: undefined },
    'an unknown field': { admin: true },
  };
  for (const [what, change] of Object.entries(wrong)) {
    it(`is closed with 4400 for ${what}`, async () => {
      const client = api.socket();
      await client.connect({ ...payloadOf(randomUUID()), ...change });
      assert.equal((await client.closed.promise).code, 4400);
    });
  }
});

function payloadOf(workerId: string): Record<string, unknown> & ConnectPayload {
  return {
    role: 'worker',
    version: 1,
    workerId,
    challenge: 'challenge',
    bootId: 'boot',
    lastEpoch: 0,
    sessionKey: 'key',
    holds: '[]',
    clean: true,
    signature: 'signature',
  };
}
