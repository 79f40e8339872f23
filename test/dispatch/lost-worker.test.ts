import assert from 'node:assert/strict';
import type { HeldBuild, HeldBuildAnswer } from '../../src/protocol/messages.js';
import { testDatabase } from '../support/database.js';
import { OpenTransaction, untilBlocked } from '../support/world/open-transaction.js';
import { buildStatuses, dump, groupState, jobOf, only } from '../support/world/rows.js';
import type { OpenedPackage } from '../support/world/simulated-agent.js';
import { testWorld } from '../support/world/world.js';

describe('a worker that is lost', () => {
  const database = testDatabase();
  const world = testWorld(database);

  async function running() {
    const replica = await world.replica({ autonomous: false });
    const agent = await world.agent(replica);
    const group = await world.admit(replica);
    const opened = await agent.acceptNext();
    return { replica, agent, group, opened };
  }

  const held = ({ buildId }: OpenedPackage, phase: HeldBuild['phase']): HeldBuild => ({
    build: buildId,
    phase,
  });
  const answersOf = (answers: readonly HeldBuildAnswer[]) => answers.map(({ answer }) => answer);

  it('loses its job to a worker that goes on beating, and can change nothing of it any more', async () => {
    const { replica, agent, group, opened } = await running();
    const other = await world.agent(replica);
    await world.pass('40 seconds');
    await other.beat();
    await world.pass('40 seconds');
    await replica.dispatch.sweep();
    assert.deepEqual(await buildStatuses(database, group.id), ['LOST']);
    const job = await jobOf(database, group.id);
    assert.deepEqual([job.state, job.attempts, job.failure_kind], ['PENDING', 1, 'LOST']);
    assert.equal(agent.closedWith, 4410);
    // What the old agent fences itself within, and then some.
    await world.pass('10 seconds');
    await replica.dispatch.sweep();
    const again = await other.acceptNext();
    assert.equal(again.head.attempt, 2);
    assert.notEqual(again.buildId, opened.buildId);
    await assert.rejects(agent.finish(opened), { code: 'SESSION_SUPERSEDED' });
    await other.finish(again);
    assert.equal(await groupState(database, group.id), 'COMPLETE');
  });

  it('leaves no step behind that looks as if it ran for ever', async () => {
    const { replica, agent, opened } = await running();
    const step = { exitCode: null, error: null, elapsedMs: 1 };
    await agent.report(
      opened,
      { ...step, number: 1, name: 'clone', status: 'SUCCESS', exitCode: 0 },
      { ...step, number: 2, name: 'test', status: 'RUNNING' },
      { ...step, number: 3, name: 'pack', status: 'PENDING' },
    );
    await world.pass('80 seconds');
    await replica.dispatch.sweep();
    const steps = await database.query(
      'select status, finished_at is not null as over from steps order by number',
    );
    assert.deepEqual(steps, [
      { status: 'SUCCESS', over: true },
      { status: 'ERROR', over: true },
      { status: 'SKIPPED', over: true },
    ]);
  });

  it('is fenced by the rows where its session does not know yet that it is closed', async () => {
    const { agent, opened } = await running();
    await database.query(
      `update worker_sessions set state = 'CLOSED', accepts_work = false, closed_at = slipway_now(),
         lease_until = slipway_now() - interval '1 second'`,
    );
    const elsewhere = await world.replica({ autonomous: false });
    await elsewhere.dispatch.sweep();
    const before = await dump(database);
    const step = {
      number: 2,
      name: 's',
      status: 'RUNNING',
      exitCode: null,
      error: null,
      elapsedMs: 1,
    } as const;
    // The token still verifies: that the lease is gone is what refuses.
    const answers = [
      await agent.start(opened),
      await agent.report(opened, step),
      await agent.log(opened, { 0: 'late' }),
      await agent.finish(opened),
    ];
    assert.deepEqual(
      answers.map(({ outcome, status }) => [outcome, status]),
      Array.from({ length: 4 }, () => ['STALE_BUILD', 'LOST']),
    );
    assert.equal(await dump(database), before);
  });

  it('keeps its session when its heartbeat comes while the reaper is about to close it', async () => {
    const { replica, agent, opened, group } = await running();
    await world.pass('61 seconds');
    const held = await OpenTransaction.holding(database, 'select 1 from workers for update');
    const swept = replica.dispatch.sweep();
    await untilBlocked(database, 'reaper');
    await agent.beat([opened.buildId]);
    await held.commit();
    await swept;
    assert.equal(agent.closedWith, undefined);
    await agent.finish(opened);
    assert.equal(await groupState(database, group.id), 'COMPLETE');
  });

  it('resumes with the same boot: what runs goes on where its log stands', async () => {
    const { replica, agent, group, opened } = await running();
    await agent.log(opened, { 0: 'a', 1: 'b' });
    await agent.log(opened, { 0: 'x' }, 3);
    await agent.drop();
    await agent.connect(replica.dispatch, { holds: [held(opened, 'RUNNING')] });
    const answer = only(agent.statement.holds);
    assert.deepEqual([answer.answer, answer.nextSeqs], ['CONTINUE', { 2: 2, 3: 1 }]);
    assert.ok((answer.hardDeadlineMs ?? 0) > 1_800_000);
    assert.equal(agent.session.freeSlots, 0);
    await agent.finish(opened);
    assert.equal(await groupState(database, group.id), 'COMPLETE');
    assert.deepEqual(await buildStatuses(database, group.id), ['SUCCESS']);
  });

  it('gets an offer pushed again with the very same head, and accepts that', async () => {
    const replica = await world.replica({ autonomous: false });
    const agent = await world.agent(replica);
    const group = await world.admit(replica);
    const first = await agent.nextPackage();
    await agent.drop();
    await agent.connect(replica.dispatch, { holds: [held(first, 'OFFERED')] });
    assert.deepEqual(answersOf(agent.statement.holds), ['START']);
    const again = await agent.nextPackage();
    assert.deepEqual([again.headSha256, again.content.nonce], [first.headSha256, first.content.nonce]);
    assert.equal((await agent.accept(again))[0]?.outcome, 'OK');
    await agent.finish(again);
    assert.deepEqual(await buildStatuses(database, group.id), ['SUCCESS']);
  });

  it('sends a result again, and drops what is not its any more', async () => {
    const { replica, agent, group, opened } = await running();
    await agent.finish(opened);
    await agent.drop();
    const gone = { build: '00000000-0000-4000-8000-000000000000', phase: 'RUNNING' } as const;
    await agent.connect(replica.dispatch, { holds: [held(opened, 'FINISHING'), gone] });
    assert.deepEqual(answersOf(agent.statement.holds), ['RESEND', 'ABANDON']);
    assert.equal((await agent.finish(opened)).outcome, 'OK');
    assert.equal(await groupState(database, group.id), 'COMPLETE');
  });

  it('that resumes without a build has lost it, and without an offer gives it back uncharged', async () => {
    const { replica, agent, group, opened } = await running();
    await agent.drop();
    await agent.connect(replica.dispatch, { holds: [] });
    assert.deepEqual(await buildStatuses(database, group.id), ['LOST']);
    assert.equal((await jobOf(database, group.id)).state, 'PENDING');
    assert.equal((await agent.finish(opened)).outcome, 'STALE_BUILD');

    const second = await world.replica({ autonomous: false });
    const another = await world.agent(second);
    const offered = await world.admit(second);
    await another.nextPackage();
    await another.drop();
    await another.connect(second.dispatch, { holds: [] });
    assert.deepEqual(await buildStatuses(database, offered.id), ['WITHDRAWN']);
    assert.deepEqual(await chargesOf(another.workerId), []);
  });

  it('that starts anew and is clean has its leases taken back at once', async () => {
    const replica = await world.replica({ autonomous: false });
    const agent = await world.agent(replica, { limit: 2 });
    const repo = await world.repo();
    const ran = await world.admit(replica, repo);
    await agent.acceptNext();
    const offered = await world.admit(replica, repo);
    await agent.nextPackage();
    agent.bootId = 'another life';
    await agent.connect(replica.dispatch, { clean: true });
    assert.deepEqual(await buildStatuses(database, ran.id), ['LOST']);
    assert.deepEqual(await buildStatuses(database, offered.id), ['WITHDRAWN']);
  });

  it('that starts anew and is not clean waits for the end of its lease', async () => {
    const { replica, agent, group, opened } = await running();
    agent.bootId = 'another life';
    await agent.connect(replica.dispatch, { clean: false });
    await replica.dispatch.sweep();
    assert.deepEqual(await buildStatuses(database, group.id), ['RUNNING']);
    assert.deepEqual((await agent.beat([opened.buildId])).abandon, [opened.buildId]);
    await world.pass('40 seconds');
    await agent.beat();
    await world.pass('40 seconds');
    await agent.beat();
    await replica.dispatch.sweep();
    assert.deepEqual(await buildStatuses(database, group.id), ['LOST']);
  });

  it('is found again by a server that starts anew, with its build running', async () => {
    const { replica, agent, group, opened } = await running();
    await replica.dispatch.stop();
    const restarted = await world.replica();
    await agent.drop();
    await agent.connect(restarted.dispatch, { holds: [held(opened, 'RUNNING')] });
    assert.deepEqual(answersOf(agent.statement.holds), ['CONTINUE']);
    await agent.finish(opened);
    assert.deepEqual(await buildStatuses(database, group.id), ['SUCCESS']);
  });

  async function chargesOf(workerId: string): Promise<unknown[]> {
    return database.query('select process, failures from work_backoff where worker_id = $1', [workerId]);
  }

  describe('because its server is', () => {
    it('has a minute to resume elsewhere, and is not charged for not having done so', async () => {
      const { agent, group } = await running();
      // Only this server is seen from now on.
      const other = await world.replica({ autonomous: false });
      await world.pass('45 seconds', [other]);
      await other.dispatch.sweep();
      await world.pass('4 seconds', [other]);
      await other.dispatch.sweep();
      assert.deepEqual(await buildStatuses(database, group.id), ['RUNNING']);
      await world.pass('20 seconds', [other]);
      await other.dispatch.sweep();
      assert.deepEqual(await buildStatuses(database, group.id), ['LOST']);
      assert.deepEqual(await chargesOf(agent.workerId), []);
    });

    it('keeps its lease when the server comes back late', async () => {
      const { replica, group } = await running();
      const other = await world.replica({ autonomous: false });
      await world.pass('50 seconds', [other]);
      await replica.dispatch.sweep();
      await world.pass('20 seconds', [other, replica]);
      await replica.dispatch.sweep();
      assert.deepEqual(await buildStatuses(database, group.id), ['RUNNING']);
    });

    it('keeps every deadline, moved once, when there was no server for a while', async () => {
      const { replica, group, opened } = await running();
      const waiting = await world.admit(replica);
      await replica.dispatch.cancelJob(opened.head.job, 'test');
      await replica.dispatch.stop();
      const before = await deadlines();
      await world.pass('1 hour', []);
      const together = await OpenTransaction.holding(database, 'select 1 from replicas for update');
      const started = Promise.all([world.replica(), world.replica()]);
      await untilBlocked(database, 'reaper', 2);
      await together.commit();
      await started;
      for (const [name, seconds] of Object.entries(await deadlines())) {
        const moved = seconds - before[name]!;
        assert.ok(Math.abs(moved - 3600) < 30, `${name} moved by ${moved} s`);
      }
      assert.deepEqual(await buildStatuses(database, group.id), ['RUNNING']);
      assert.equal((await jobOf(database, waiting.id)).state, 'PENDING');
    });

    async function deadlines(): Promise<Record<string, number>> {
      return only(
        await database.query<Record<string, number>>(
          `select extract(epoch from (select max(lease_until) from worker_sessions))::float8 as session,
             extract(epoch from (select max(queue_deadline) from jobs where state = 'PENDING'))::float8 as queue,
             extract(epoch from (select max(cancel_deadline) from jobs))::float8 as cancel,
             extract(epoch from (select max(hard_deadline) from busy_workers))::float8 as lease,
             extract(epoch from (select max(hard_deadline) from builds))::float8 as build`,
        ),
      );
    }
  });
});
