import assert from 'node:assert/strict';
import { testDatabase } from '../support/database.js';
import { ManualClock } from '../support/manual-clock.js';
import { buildStatuses, jobOf } from '../support/world/rows.js';
import { SUCCESS, type SimulatedAgent } from '../support/world/simulated-agent.js';
import { testWorld } from '../support/world/world.js';

const ERROR = { ...SUCCESS, status: 'ERROR', failureKind: 'EXECUTOR_ERROR', error: 'no disk' } as const;
const STOPPED = { ...SUCCESS, status: 'KILLED', failureKind: 'AGENT_STOPPED' } as const;

describe('who is charged for what goes wrong', () => {
  const database = testDatabase();
  const world = testWorld(database);

  async function offered(clock = new ManualClock()) {
    const replica = await world.replica({ autonomous: false, clock });
    const agent = await world.agent(replica);
    const group = await world.admit(replica);
    return { clock, replica, agent, group, opened: await agent.nextPackage() };
  }

  const chargesOf = (agent: SimulatedAgent) =>
    database.query<{ process: string; last_interval_s: number }>(
      'select process, last_interval_s from work_backoff where worker_id = $1 order by process',
      [agent.workerId],
    );

  it('the worker, when it has handled the frame and not answered the offer', async () => {
    const { clock, replica, agent, group } = await offered();
    await agent.beat();
    clock.advance(11_000);
    await replica.dispatch.sweep();
    assert.deepEqual(await buildStatuses(database, group.id), ['UNACKNOWLEDGED']);
    assert.deepEqual(await chargesOf(agent), [{ process: 'DISPATCH', last_interval_s: 60 }]);
    const { state, attempts, refusals } = await jobOf(database, group.id);
    assert.deepEqual([state, attempts, refusals], ['PENDING', 0, 1]);
  });

  it('nobody, when the frame may never have arrived', async () => {
    const { clock, replica, agent, group } = await offered();
    clock.advance(11_000);
    await replica.dispatch.sweep();
    assert.equal((await buildStatuses(database, group.id))[0], 'WITHDRAWN');
    assert.deepEqual(await chargesOf(agent), []);
    assert.equal((await jobOf(database, group.id)).refusals, 0);
  });

  it('the worker for INCAPABLE and BUSY, the worker alone for NO_SPACE, nobody for DRAINING', async () => {
    for (const [reason, charges, refusals] of [
      ['INCAPABLE', 1, 1],
      ['BUSY', 1, 1],
      ['NO_SPACE', 1, 0],
      ['DRAINING', 0, 0],
    ] as const) {
      const { agent, group, opened } = await offered();
      assert.equal((await agent.refuse(opened, reason)).outcome, 'OK');
      assert.equal((await chargesOf(agent)).length, charges, reason);
      assert.equal((await jobOf(database, group.id)).refusals, refusals, reason);
      assert.equal((await jobOf(database, group.id)).state, 'PENDING', reason);
    }
  });

  it('a worker longer with each failure, by the reference values, until a success forgives it', async () => {
    const replica = await world.replica({ autonomous: false });
    const agent = await world.agent(replica);
    const found: number[] = [];
    for (let round = 0; round < 8; round += 1) {
      await world.admit(replica);
      const opened = await agent.acceptNext();
      await agent.finish(opened, ERROR);
      found.push((await chargesOf(agent))[0]!.last_interval_s);
      await database.query('update work_backoff set until = slipway_now()');
      await database.query(
        `update jobs set ready_at = slipway_now() + interval '1 day' where state = 'PENDING'`,
      );
    }
    assert.deepEqual(found, [60, 66, 73, 81, 90, 99, 109, 120]);
    await world.admit(replica);
    await agent.runNext();
    assert.deepEqual(await chargesOf(agent), []);
  });

  it('nobody for a failing step', async () => {
    const { agent, opened } = await offered();
    await agent.accept(opened);
    await agent.finish(opened, { ...SUCCESS, status: 'FAILURE', failureKind: 'STEP_FAILED' });
    assert.deepEqual(await chargesOf(agent), []);
  });

  it('the job with an attempt for an agent that stops unasked, and with none for one that drains', async () => {
    for (const [draining, attempts] of [
      [false, 1],
      [true, 0],
    ] as const) {
      const { agent, group, opened } = await offered();
      await agent.accept(opened);
      if (draining) await agent.session.updateWorker({ acceptsWork: false });
      await agent.finish(opened, STOPPED);
      const job = await jobOf(database, group.id);
      assert.deepEqual([job.state, job.attempts], ['PENDING', attempts]);
      assert.deepEqual(await chargesOf(agent), []);
    }
  });

  it('the job for good, once its attempts are used up', async () => {
    const { replica, agent, group, opened } = await offered();
    await agent.accept(opened);
    await agent.finish(opened, STOPPED);
    for (const result of [STOPPED, STOPPED]) {
      await replica.dispatch.sweep();
      await agent.finish(await agent.acceptNext(), result);
    }
    const job = await jobOf(database, group.id);
    assert.deepEqual([job.state, job.attempts], ['FAILED', 3]);
  });

  it('the worker, for a build that is missing from two of its heartbeats', async () => {
    const { agent, group, opened } = await offered();
    await agent.accept(opened);
    await agent.beat([]);
    await agent.beat([opened.buildId]);
    await agent.beat([]);
    assert.deepEqual(await buildStatuses(database, group.id), ['RUNNING']);
    await agent.beat([]);
    // The loss is settled behind the heartbeat's back: the next operation of the same build comes after it.
    assert.equal((await agent.finish(opened)).status, 'LOST');
    assert.deepEqual(await chargesOf(agent), [{ process: 'BUILD', last_interval_s: 60 }]);
    assert.deepEqual((await agent.beat([opened.buildId])).abandon, [opened.buildId]);
  });

  it('closes a stream whose beats are not handled with 4412', async () => {
    const { agent } = await offered();
    agent.lastFrameSeq = 0;
    const beat = (number: number) =>
      agent.session.heartbeat({
        number,
        lastFrameSeq: 0,
        holds: [],
        freeDiskBytes: 1,
        freeMemoryBytes: 1,
        load: 0,
      });
    await beat(1);
    await beat(2);
    await assert.rejects(beat(3), { code: 'SESSION_SUPERSEDED' });
    assert.equal(agent.closedWith, 4412);
  });

  it('tells a replaced session so, and has one subscriber per session', async () => {
    const { replica, agent } = await offered();
    const old = agent.session;
    assert.throws(() => old.frames(), { code: 'CONFLICT' });
    const second = await world.replica({ autonomous: false });
    await agent.open(second.dispatch);
    await assert.rejects(
      old.heartbeat({ number: 1, lastFrameSeq: 0, holds: [], freeDiskBytes: 1, freeMemoryBytes: 1, load: 0 }),
      { code: 'SESSION_SUPERSEDED' },
    );
    await assert.rejects(agent.session.ready(), { code: 'CONFLICT' });
    await replica.dispatch.sweep();
  });

  it('frees a slot at once of a build that ends while a heartbeat is on its way', async () => {
    const { agent, opened } = await offered();
    await agent.accept(opened);
    await Promise.all([agent.beat([opened.buildId]), agent.finish(opened)]);
    assert.equal(agent.session.freeSlots, 1);
  });
});
