import assert from 'node:assert/strict';
import type { DispatchOptions } from '../../src/dispatch/dispatch.js';
import { LOG_START, LogReader } from '../../src/logs/index.js';
import { FolderStore } from '../../src/storage/index.js';
import { testDatabase } from '../support/database.js';
import { only } from '../support/world/rows.js';
import { SUCCESS } from '../support/world/simulated-agent.js';
import { testWorld } from '../support/world/world.js';

describe('the logs of a build', () => {
  const database = testDatabase();
  const world = testWorld(database);

  async function running(options: Partial<DispatchOptions> = {}) {
    const replica = await world.replica({ autonomous: false, ...options });
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

  it('are sealed also when their agent announces none although it has sent some', async () => {
    const { replica, agent, opened } = await running();
    await agent.log(opened, { 0: 'a' });
    await agent.finish(opened, SUCCESS);
    await replica.dispatch.sweep();
    assert.equal(await logState(opened.buildId), 'SEALED');
    assert.equal((await agent.log(opened, { 1: 'late' })).outcome, 'STALE_BUILD');
  });

  it('are sealed with what is there when their agent is lost', async () => {
    const { replica, agent, opened } = await running();
    await agent.log(opened, { 0: 'a', 1: 'b' });
    await agent.drop();
    await world.pass('2 minutes');
    await replica.dispatch.sweep();
    await replica.dispatch.sweep();
    assert.equal(await logState(opened.buildId), 'SEALED');
    assert.deepEqual(await outlines(opened.buildId), [
      { step: 2, chunks: 2, capped_from: null, last_seq: 1, missing: 0 },
    ]);
  });

  const outlines = (buildId: string) =>
    database.query<{ step: number; chunks: number; capped_from: number | null }>(
      `select step, chunks, capped_from, last_seq, missing::integer from step_logs where build_id = $1 order by step`,
      [buildId],
    );

  /** Of 1,000 bytes a step and 2,000 a build; the row of a chunk counts for 64. */
  const logCaps = { stepBytes: 1_000, buildBytes: 2_000 };
  const filled = (size: number): string => 'x'.repeat(size);

  it('are stored up to the cap of a step, and the build goes on', async () => {
    const { replica, agent, opened } = await running({ logCaps });
    await agent.log(opened, { 0: filled(400) });
    assert.equal((await agent.log(opened, { 1: filled(400), 2: filled(9), 3: 'x' })).outcome, 'OK');
    assert.equal((await agent.log(opened, { 4: filled(500), 2: 'again' })).outcome, 'OK');
    assert.equal((await agent.log(opened, { 0: 'other' }, 3)).outcome, 'OK');
    assert.deepEqual(
      (await stored(opened.buildId)).map(({ seq }) => seq),
      [0, 1, 0],
    );
    await agent.finish(opened, announcing(4));
    await replica.dispatch.sweep();
    assert.equal(await logState(opened.buildId), 'SEALED');
    assert.deepEqual(await outlines(opened.buildId), [
      { step: 2, chunks: 2, capped_from: 2, last_seq: 2, missing: 0 },
      { step: 3, chunks: 1, capped_from: null, last_seq: 0, missing: 0 },
    ]);
  });

  it('are stored up to the cap of a build over all of its steps', async () => {
    const { agent, opened } = await running({ logCaps });
    for (const step of [0, 1, 2]) await agent.log(opened, { 0: filled(600), 1: filled(100) }, step);
    assert.deepEqual(
      (await outlines(opened.buildId)).map(({ chunks, capped_from: cut }) => [chunks, cut]),
      [
        [2, null],
        [2, null],
        [0, 0],
      ],
    );
  });

  it('cannot fill a table with empty chunks, nor with steps', async () => {
    const { agent, opened } = await running({ logCaps });
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, seq) => [seq, '']));
    assert.equal((await agent.log(opened, many)).outcome, 'OK');
    assert.equal((await stored(opened.buildId)).length, Math.floor(1_000 / 64));
    assert.equal((await agent.log(opened, { 0: '' }, 10_000)).outcome, 'INVALID');
  });

  it('are counted once however often they are sent', async () => {
    const { agent, opened } = await running({ logCaps });
    for (let time = 0; time < 5; time++) await agent.log(opened, { 0: filled(400), 1: filled(400) });
    assert.equal((await stored(opened.buildId)).length, 2);
    assert.deepEqual(
      (await outlines(opened.buildId)).map(({ capped_from: cut }) => cut),
      [null],
    );
  });

  it('say where the server has cut them off, at once and once they are sealed', async () => {
    const { replica, agent, opened } = await running({ logCaps });
    await agent.log(opened, { 0: filled(400), 1: filled(1_000), 2: 'late' });
    const reader = new LogReader({ db: database.pool, objects: new FolderStore('/nowhere') });
    const range = { buildId: opened.buildId, step: undefined, after: LOG_START, limit: 10 };
    const seen = async () => {
      const { slices, isFinal } = await reader.read(range);
      return [slices.map(({ seq, kind }) => [seq, kind]), isFinal];
    };
    const cut = [
      [0, 'TEXT'],
      [1, 'CAPPED'],
    ];
    assert.deepEqual(await seen(), [cut, false]);
    await agent.finish(opened, announcing(2));
    assert.deepEqual(await seen(), [cut, true]);
    await replica.dispatch.sweep();
    assert.deepEqual(await seen(), [cut, true]);
  });
});
