import assert from 'node:assert/strict';
import { testDatabase } from '../support/database.js';
import { OpenTransaction, untilBlocked } from '../support/world/open-transaction.js';
import { buildStatuses, dump, groupState, jobOf } from '../support/world/rows.js';
import { FAILURE, SUCCESS } from '../support/world/simulated-agent.js';
import { testWorld } from '../support/world/world.js';

describe('decisions about one build that race', () => {
  const database = testDatabase();
  const world = testWorld(database);

  async function offered() {
    const replica = await world.replica({ autonomous: false });
    const agent = await world.agent(replica);
    const group = await world.admit(replica);
    const opened = await agent.nextPackage();
    const { id: jobId } = await jobOf(database, group.id);
    return { replica, agent, group, opened, jobId };
  }

  async function running() {
    const scene = await offered();
    await scene.agent.accept(scene.opened);
    return scene;
  }

  const holdJob = (jobId: string) =>
    OpenTransaction.holding(database, 'select 1 from jobs where id = $1 for update', [jobId]);

  it('lets a cancel that comes before the accept win', async () => {
    const { replica, agent, group, opened, jobId } = await offered();
    const held = await holdJob(jobId);
    const canceled = replica.dispatch.cancelJob(jobId, 'changed my mind');
    await untilBlocked(database, 'cancel');
    const accepted = agent.accept(opened);
    await untilBlocked(database, 'accept');
    await held.commit();
    assert.deepEqual(await canceled, { kind: 'CANCELING' });
    assert.equal((await accepted)[0]?.outcome, 'CANCELED');
    assert.equal((await jobOf(database, group.id)).state, 'CANCEL_COMPLETE');
    assert.deepEqual(await buildStatuses(database, group.id), ['CANCELED']);
  });

  it('lets an accept that comes before the cancel stand, and its build be canceled', async () => {
    const { replica, agent, group, opened, jobId } = await offered();
    const held = await holdJob(jobId);
    const accepted = agent.accept(opened);
    await untilBlocked(database, 'accept');
    const canceled = replica.dispatch.cancelJob(jobId, 'changed my mind');
    await untilBlocked(database, 'cancel');
    await held.commit();
    assert.equal((await accepted)[0]?.outcome, 'OK');
    assert.deepEqual(await canceled, { kind: 'CANCELING' });
    assert.equal((await jobOf(database, group.id)).state, 'CANCEL_PENDING');
    assert.deepEqual(await buildStatuses(database, group.id), ['RUNNING']);
    await agent.finish(opened, { ...SUCCESS, status: 'CANCELED' });
    assert.equal((await jobOf(database, group.id)).state, 'CANCEL_COMPLETE');
  });

  it('never leaves a running build under a canceled job, whoever is first', async () => {
    const replica = await world.replica();
    const agent = await world.agent(replica, { limit: 40 });
    const repo = await world.repo();
    const groups = await Promise.all(Array.from({ length: 40 }, () => world.admit(replica, repo)));
    await Promise.all(
      groups.map(async (group) => {
        const opened = await agent.nextPackage();
        const [[answer], outcome] = await Promise.all([
          agent.accept(opened),
          replica.dispatch.cancelJob(opened.head.job, 'race'),
        ]);
        assert.equal(outcome.kind, 'CANCELING');
        if (answer?.outcome === 'OK') await agent.finish(opened, { ...SUCCESS, status: 'CANCELED' });
        else assert.equal(answer?.outcome, 'CANCELED');
        return group;
      }),
    );
    for (const { id } of groups) assert.equal((await jobOf(database, id)).state, 'CANCEL_COMPLETE');
  });

  it('gives an accept that is repeated the same answer, and counts it once', async () => {
    const { agent, group, opened } = await offered();
    const answers = (
      await Promise.all([agent.accept(opened), agent.accept(opened), agent.accept(opened)])
    ).flat();
    assert.deepEqual(
      answers.map(({ outcome, status }) => ({ outcome, status })),
      Array.from({ length: 3 }, () => ({ outcome: 'OK', status: 'RUNNING' })),
    );
    assert.equal((await jobOf(database, group.id)).attempts, 1);
  });

  it('answers the same result as the first time, and another one STALE_BUILD', async () => {
    const { agent, opened } = await running();
    const first = await agent.finish(opened, SUCCESS);
    assert.deepEqual({ outcome: first.outcome, status: first.status }, { outcome: 'OK', status: 'SUCCESS' });
    const before = await dump(database);
    assert.deepEqual(await agent.finish(opened, SUCCESS), first);
    const other = await agent.finish(opened, FAILURE);
    assert.deepEqual([other.outcome, other.status], ['STALE_BUILD', 'SUCCESS']);
    assert.equal(await dump(database), before);
  });

  it('takes one of two different results that come at once', async () => {
    const { agent, group, opened } = await running();
    const answers = await Promise.all([agent.finish(opened, SUCCESS), agent.finish(opened, FAILURE)]);
    assert.deepEqual(
      answers.map(({ outcome, status }) => [outcome, status]),
      [
        ['OK', 'SUCCESS'],
        ['STALE_BUILD', 'SUCCESS'],
      ],
    );
    assert.equal(await groupState(database, group.id), 'COMPLETE');
  });

  it('lets a result that comes before the reaper stand', async () => {
    const { replica, agent, group, opened } = await running();
    await closeAndExpire();
    const held = await holdJob(opened.head.job);
    const finished = agent.finish(opened);
    await untilBlocked(database, 'settle');
    const swept = replica.dispatch.sweep();
    await held.commit();
    assert.equal((await finished).outcome, 'OK');
    await swept;
    assert.equal(await groupState(database, group.id), 'COMPLETE');
  });

  it('refuses a result that comes after the reaper, and leaves the new attempt alone', async () => {
    const { replica, agent, group, opened } = await running();
    await closeAndExpire();
    const held = await holdJob(opened.head.job);
    const swept = replica.dispatch.sweep();
    await untilBlocked(database, 'settle');
    const finished = agent.finish(opened);
    await held.commit();
    await swept;
    const { outcome, status } = await finished;
    assert.deepEqual([outcome, status], ['STALE_BUILD', 'LOST']);
    assert.equal((await jobOf(database, group.id)).state, 'PENDING');
  });

  /** As if the agent had been silent for longer than its lease, and a reaper had closed its session. */
  async function closeAndExpire(): Promise<void> {
    await database.query(
      `update worker_sessions set state = 'CLOSED', accepts_work = false, closed_at = slipway_now(),
         close_reason = 'silent', lease_until = slipway_now() - interval '1 second'`,
    );
  }
});
