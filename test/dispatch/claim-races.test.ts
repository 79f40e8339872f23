import assert from 'node:assert/strict';
import { deferred } from '../../src/base/deferred.js';
import { testDatabase } from '../support/database.js';
import { OpenTransaction, untilBlocked } from '../support/world/open-transaction.js';
import { buildStatuses, jobOf } from '../support/world/rows.js';
import type { SimulatedAgent } from '../support/world/simulated-agent.js';
import { testWorld } from '../support/world/world.js';

/** What makes a worker unavailable, and what ends it. */
const UNAVAILABLE = [
  [
    `update workers set maintenance_until = slipway_now() + interval '1 hour' where id = $1`,
    'update workers set maintenance_until = null where id = $1',
  ],
  [
    'update workers set revoked_at = slipway_now() where id = $1',
    'update workers set revoked_at = null where id = $1',
  ],
  [
    `insert into work_backoff (worker_id, process, until, cause, last_interval_s, failures)
     values ($1, 'BUILD', slipway_now() + interval '1 hour', 'test', 60, 1)`,
    `update work_backoff set until = slipway_now() where worker_id = $1`,
  ],
] as const;

describe('claims that race', () => {
  const database = testDatabase();
  const world = testWorld(database);

  it('skip a session that somebody is just closing, without waiting for it', async () => {
    const replica = await world.replica({ autonomous: false });
    const agent = await world.agent(replica);
    const closing = await OpenTransaction.holding(
      database,
      'select 1 from worker_sessions where id = $1 for update',
      [agent.session.id],
    );
    const group = await world.admit(replica);
    await replica.dispatch.sweep();
    assert.equal((await jobOf(database, group.id)).state, 'PENDING');
    await closing.query(
      `update worker_sessions set state = 'CLOSED', accepts_work = false, closed_at = slipway_now() where id = $1`,
      [agent.session.id],
    );
    await closing.commit();
    await replica.dispatch.sweep();
    assert.equal((await jobOf(database, group.id)).offers, 0);
    assert.equal(agent.closedWith, 4410);
    await refreshStatus();
  });

  it('are waited for by whoever closes their session, whose leases are then seen', async () => {
    const replica = await world.replica({ autonomous: false });
    const agent = await world.agent(replica);
    const repo = await world.repo();
    // The claim locks its session first, then waits for the repo whose limit it must judge.
    const held = await OpenTransaction.holding(
      database,
      'select 1 from repos where id = $1 for no key update',
      [repo.repoId],
    );
    const admitted = world.admit(replica, repo);
    await untilBlocked(database, 'admit');
    agent.bootId = 'another life';
    const reopened = agent.open(replica.dispatch);
    await untilBlocked(database, 'sessions');
    await held.commit();
    const group = await admitted;
    await reopened;
    assert.deepEqual(await buildStatuses(database, group.id), ['WITHDRAWN']);
    assert.equal((await jobOf(database, group.id)).state, 'PENDING');
  });

  it('take a limit from the row, whatever its session believes', async () => {
    const replica = await world.replica({ autonomous: false });
    const agent = await world.agent(replica, { limit: 3 });
    await database.query('update workers set build_limit = 1');
    for (let count = 0; count < 3; count += 1) await world.admit(replica);
    await replica.dispatch.sweep();
    const leases = await database.query('select slot from busy_workers where worker_id = $1', [
      agent.workerId,
    ]);
    assert.deepEqual(leases, [{ slot: 0 }]);
    await agent.runNext();
  });

  it('give no work to a worker that has just said that it takes no more', async () => {
    const replica = await world.replica({ autonomous: false });
    const agent = await world.agent(replica);
    await agent.session.updateWorker({ acceptsWork: false });
    const group = await world.admit(replica);
    await replica.dispatch.sweep();
    assert.equal((await jobOf(database, group.id)).state, 'PENDING');
  });

  it('never give a worker more than its limit, with 200 admissions at once', async () => {
    const replica = await world.replica();
    const agent = await world.agent(replica, { limit: 3 });
    const repo = await world.repo();
    const peak = await watchedPeak(async () => {
      const groups = await Promise.all(Array.from({ length: 200 }, () => world.plan(repo)));
      const work = serve([agent], 200);
      await Promise.all(groups.map((group) => replica.dispatch.admitGroups([group])));
      await work;
    });
    assert.equal(peak, 3);
    await assertAllDone(200);
  });

  it('give each of 200 jobs to exactly one of two replicas, and leave nobody idle', async () => {
    const replicas = [await world.replica(), await world.replica()];
    const agents = await Promise.all(
      Array.from({ length: 6 }, (_, index) => world.agent(replicas[index % 2]!, { limit: 5 })),
    );
    const repo = await world.repo();
    const groups = await Promise.all(Array.from({ length: 200 }, () => world.plan(repo)));
    const work = serve(agents, 200);
    await Promise.all(groups.map((group, index) => replicas[index % 2]!.dispatch.admitGroups([group])));
    const served = await work;
    assert.equal(new Set(served).size, 200);
    await assertAllDone(200);
    const idle = agents.filter((agent) => agent.packages.length === 0);
    assert.deepEqual(idle, []);
    for (const agent of agents) assert.equal(agent.session.freeSlots, 5);
  });

  it('leave work alone for a worker in maintenance or revoked, or left alone after failures', async () => {
    const replica = await world.replica({ autonomous: false });
    const agent = await world.agent(replica);
    const group = await world.admit(replica);
    const everAgain = () => agent.nextPackage().then((opened) => agent.refuse(opened, 'DRAINING'));
    await everAgain();
    for (const [away, back] of UNAVAILABLE) {
      await database.query(away, [agent.workerId]);
      await replica.dispatch.sweep();
      assert.equal((await jobOf(database, group.id)).state, 'PENDING', away);
      await database.query(back, [agent.workerId]);
      await replica.dispatch.sweep();
      assert.equal((await jobOf(database, group.id)).state, 'PROCESSING', back);
      await everAgain();
    }
  });

  /** Everything that is offered is accepted and finished, until `count` builds are done. */
  async function serve(agents: readonly SimulatedAgent[], count: number): Promise<string[]> {
    const jobs: string[] = [];
    const done = deferred<undefined>();
    const loop = async (agent: SimulatedAgent): Promise<void> => {
      for (;;) {
        const opened = await Promise.race([agent.acceptNext(), done.promise]);
        if (opened === undefined) return;
        void agent.finish(opened).then(
          () => {
            jobs.push(opened.head.job);
            if (jobs.length === count) done.resolve(undefined);
          },
          (error: unknown) => done.reject(error),
        );
      }
    };
    await Promise.all(agents.map(loop));
    return jobs;
  }

  /** The largest number of leases that one worker has ever had, by a trigger that sees each one inserted. */
  async function watchedPeak(work: () => Promise<void>): Promise<number> {
    await database.query(`
      create table peaks (leases integer not null);
      create function note_peak() returns trigger language plpgsql as $$ begin
        insert into peaks select count(*) from busy_workers where worker_id = new.worker_id; return new;
      end $$;
      create trigger note_peak after insert on busy_workers for each row execute function note_peak()`);
    await work();
    const [row] = await database.query<{ peak: number }>('select max(leases) as peak from peaks');
    await database.query(
      'drop trigger note_peak on busy_workers; drop function note_peak(); drop table peaks',
    );
    return row?.peak ?? 0;
  }

  async function assertAllDone(count: number): Promise<void> {
    const rows = await database.query(
      `select state, attempts, offers, count(*)::integer from jobs
       group by state, attempts, offers`,
    );
    assert.deepEqual(rows, [{ state: 'COMPLETE', attempts: 1, offers: 1, count }]);
  }

  async function refreshStatus(): Promise<void> {
    await database.query(`update workers set status = 'UNREGISTERED' where not exists (
      select 1 from worker_sessions s where s.worker_id = workers.id and s.state <> 'CLOSED')`);
  }
});
