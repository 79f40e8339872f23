import assert from 'node:assert/strict';
import { testDatabase } from '../support/database.js';
import { only } from '../support/world/rows.js';
import { SUCCESS } from '../support/world/simulated-agent.js';
import { testWorld } from '../support/world/world.js';

describe('the logs of a build', () => {
  const database = testDatabase();
  const world = testWorld(database);

  async function running() {
    const replica = await world.replica({ autonomous: false });
    const agent = await world.agent(replica);
    await world.admit(replica);
    return { replica, agent, opened: await agent.acceptNext() };
  }

  const stored = (buildId: string) =>
    database.query<{ seq: number; text: string }>(
      `select seq, convert_from(data, 'UTF8') as text from log_chunks where build_id = $1 order by step, seq`,
      [buildId],
    );
  const logState = async (buildId: string) =>
    only(await database.query<{ log_state: string }>('select log_state from builds where id = $1', [buildId]))
      .log_state;
  const announcing = (lastSeq: number) => ({ ...SUCCESS, logs: [{ step: 2, lastSeq, bytes: 1 }] });

  it('keep the first of two chunks of one number, in whatever order they come', async () => {
    const { agent, opened } = await running();
    await agent.log(opened, { 2: 'c' });
    await agent.log(opened, { 0: 'a', 1: 'b' });
    assert.equal((await agent.log(opened, { 0: 'other', 2: 'other', 3: 'd' })).outcome, 'OK');
    const texts = (await stored(opened.buildId)).map(({ text }) => text);
    assert.deepEqual(texts, ['a', 'b', 'c', 'd']);
  });

  it('take any bytes', async () => {
    const { agent, opened } = await running();
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const chunks = [{ step: 0, seq: 0, data: bytes.toString('base64') }];
    await agent.session.appendLogs([{ buildId: opened.buildId, token: opened.content.buildToken, chunks }]);
    const row = only(await database.query<{ data: Buffer }>('select data from log_chunks'));
    assert.deepEqual(row.data, bytes);
  });

  it('take after the end what was announced and nothing beyond, and are sealed when it is all there', async () => {
    const { replica, agent, opened } = await running();
    await agent.log(opened, { 0: 'a' });
    await agent.finish(opened, announcing(2));
    await replica.dispatch.sweep();
    assert.equal(await logState(opened.buildId), 'DRAINING');
    assert.equal((await agent.log(opened, { 3: 'beyond' })).outcome, 'STALE_BUILD');
    assert.equal((await agent.log(opened, { 0: 'other step' }, 5)).outcome, 'STALE_BUILD');
    assert.equal((await agent.log(opened, { 1: 'b', 2: 'c' })).outcome, 'OK');
    assert.equal((await stored(opened.buildId)).length, 3);
    await replica.dispatch.sweep();
    assert.equal(await logState(opened.buildId), 'SEALED');
    assert.equal((await agent.log(opened, { 2: 'late' })).outcome, 'STALE_BUILD');
  });

  it('are sealed after their time although something is missing', async () => {
    const { replica, agent, opened } = await running();
    await agent.log(opened, { 0: 'a' });
    await agent.finish(opened, announcing(5));
    await world.pass('29 seconds');
    assert.equal((await agent.log(opened, { 1: 'b' })).outcome, 'OK');
    await world.pass('3 seconds');
    assert.equal((await agent.log(opened, { 2: 'c' })).outcome, 'STALE_BUILD');
    await replica.dispatch.sweep();
    assert.equal(await logState(opened.buildId), 'SEALED');
  });

  it('are sealed for everybody whatever one agent announces', async () => {
    const { replica, agent, opened } = await running();
    await agent.finish(opened, {
      ...SUCCESS,
      logs: [
        { step: 2, lastSeq: 2 ** 31 - 1, bytes: 1 },
        { step: -5, lastSeq: 2 ** 40, bytes: 1 },
      ],
    });
    await world.admit(replica);
    const other = await agent.acceptNext();
    await agent.finish(other, announcing(-1));
    await replica.dispatch.sweep();
    assert.equal(await logState(other.buildId), 'SEALED');
    assert.equal(await logState(opened.buildId), 'DRAINING');
  });
});
