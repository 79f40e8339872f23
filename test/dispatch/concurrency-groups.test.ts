import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { CompiledConcurrency } from '../../src/pipeline/index.js';
import { testDatabase } from '../support/database.js';
import { OpenTransaction, untilBlocked } from '../support/world/open-transaction.js';
import { jobOf } from '../support/world/rows.js';
import type { SimulatedAgent } from '../support/world/simulated-agent.js';
import { testWorld, type PlannedRepo, type Replica } from '../support/world/world.js';

const DEPLOY: CompiledConcurrency = { group: 'deploy', limit: 1, strategy: 'queue' };

describe('concurrency groups', () => {
  const database = testDatabase();
  const world = testWorld(database);

  /** Admits a change whose only job is of a concurrency group. */
  async function admit(
    replica: Replica,
    repo: PlannedRepo,
    concurrency: CompiledConcurrency = DEPLOY,
    options: Parameters<typeof world.plan>[2] = {},
  ): Promise<string> {
    const group = await world.plan(repo, [{ concurrency }], options);
    await replica.dispatch.admitGroups([group]);
    return group.id;
  }

  const stateOf = async (groupId: string) => (await jobOf(database, groupId)).state;

  async function running(key: string): Promise<number> {
    const [row] = await database.query<{ count: number }>(
      `select count(*)::integer from busy_workers b join concurrency_groups g on g.id = b.concurrency_group_id
       where g.key = $1`,
      [key],
    );
    return row?.count ?? 0;
  }

  it('run one job at a time over two lanes and two replicas, whose claims meet at the limit', async () => {
    const replicas = [await world.replica({ autonomous: false }), await world.replica({ autonomous: false })];
    const repo = await world.repo();
    for (const requirements of [{}, { gpu: 'yes' }])
      for (let count = 0; count < 5; count += 1)
        await world.admit(replicas[0]!, repo, [{ requirements, concurrency: DEPLOY }]);
    for (const replica of replicas) await world.agent(replica, { limit: 20, labels: { gpu: 'yes' } });
    const held = await OpenTransaction.holding(
      database,
      'select 1 from concurrency_groups for no key update',
    );
    const swept = Promise.all(replicas.map(({ dispatch }) => dispatch.sweep()));
    // One waits for the group, the other one for the repo that the first has locked.
    await untilBlocked(database, 'claim', 2);
    await held.commit();
    await swept;
    assert.equal(await running('deploy'), 1);
  });

  it('hold back nobody else: not their repo, not another group, not the repo’s own limit', async () => {
    const replica = await world.replica({ autonomous: false });
    const repo = await world.repo({ buildLimit: 3 });
    for (let count = 0; count < 80; count += 1) await admit(replica, repo);
    const other = await admit(replica, repo, { ...DEPLOY, group: 'docs' });
    const plain = await world.admit(replica, repo);
    await world.agent(replica, { limit: 10 });
    await replica.dispatch.sweep();
    assert.equal(await running('deploy'), 1);
    assert.equal(await stateOf(other), 'PROCESSING');
    assert.equal(await stateOf(plain.id), 'PROCESSING');
  });

  it('that are full in more lanes than a claim reads hide none behind them', async () => {
    const replica = await world.replica({ autonomous: false });
    const repo = await world.repo();
    const agent = await world.agent(replica, { limit: 300 });
    for (let key = 0; key < 100; key += 1) {
      const concurrency = { ...DEPLOY, group: `branch-${key}` };
      for (let count = 0; count < 2; count += 1) await admit(replica, repo, concurrency);
    }
    await replica.dispatch.sweep();
    await agent.session.updateWorker({ acceptsWork: false });
    const last = await admit(replica, repo, { ...DEPLOY, group: 'last' });
    const next = await world.agent(replica, { limit: 300 });
    await replica.dispatch.sweep();
    assert.equal(await stateOf(last), 'PROCESSING');
    assert.ok(next);
    assert.equal(await running('last'), 1);
  });

  it('serve the next job when one ends', async () => {
    const replica = await world.replica({ autonomous: false });
    const repo = await world.repo();
    const groups = [await admit(replica, repo), await admit(replica, repo)];
    const agent = await world.agent(replica, { limit: 5 });
    await replica.dispatch.sweep();
    await agent.runNext();
    await replica.dispatch.sweep();
    assert.deepEqual(await Promise.all(groups.map(stateOf)), ['COMPLETE', 'PROCESSING']);
  });

  it('have the limit that a pipeline gave last', async () => {
    const replica = await world.replica({ autonomous: false });
    const repo = await world.repo();
    for (const limit of [1, 3, 2]) await admit(replica, repo, { ...DEPLOY, limit });
    for (let count = 0; count < 3; count += 1) await admit(replica, repo, { ...DEPLOY, limit: 2 });
    await world.agent(replica, { limit: 10 });
    await replica.dispatch.sweep();
    assert.equal(await running('deploy'), 2);
  });

  it('are not filled by a claim that comes while a pipeline lowers their limit', async () => {
    const replica = await world.replica({ autonomous: false });
    const repo = await world.repo();
    for (let count = 0; count < 3; count += 1) await admit(replica, repo, { ...DEPLOY, limit: 3 });
    await world.agent(replica, { limit: 10 });
    const lowering = await OpenTransaction.holding(database, 'update concurrency_groups set build_limit = 1');
    const swept = replica.dispatch.sweep();
    await untilBlocked(database, 'claim');
    await lowering.commit();
    await swept;
    assert.equal(await running('deploy'), 1);
  });

  it('of a fork neither fill nor change those of the repo', async () => {
    const replica = await world.replica({ autonomous: false });
    const repo = await world.repo();
    await world.agent(replica, { limit: 10, trust: 'untrusted_too' });
    const deployment = await admit(replica, repo, { ...DEPLOY, strategy: 'cancel_in_progress' });
    const fork: CompiledConcurrency = { group: 'deploy', limit: 100, strategy: 'cancel_in_progress' };
    const forked = await admit(replica, repo, fork, { trusted: false });
    assert.equal(await stateOf(deployment), 'PROCESSING');
    assert.equal(await stateOf(forked), 'PROCESSING');
    const limits = await database.query(
      'select trusted, build_limit from concurrency_groups order by trusted',
    );
    assert.deepEqual(limits, [
      { trusted: false, build_limit: 100 },
      { trusted: true, build_limit: 1 },
    ]);
  });

  it('with cancel_in_progress keep the newest change alone', async () => {
    const replica = await world.replica({ autonomous: false });
    const repo = await world.repo();
    const strategy = 'cancel_in_progress';
    const agent = await world.agent(replica, { limit: 1 });
    const runs = await admit(replica, repo, { ...DEPLOY, strategy });
    const opened = await agent.acceptNext();
    const waits = await admit(replica, repo, { ...DEPLOY, strategy });
    const newest = await admit(replica, repo, { ...DEPLOY, strategy });
    assert.equal(await stateOf(runs), 'CANCEL_PENDING');
    assert.equal(await stateOf(newest), 'PENDING');
    const { state, failure_kind, error } = await jobOf(database, waits);
    assert.deepEqual([state, failure_kind], ['CANCEL_COMPLETE', 'SUPERSEDED']);
    assert.match(error ?? '', /a newer change took its place in the concurrency group "deploy"/);
    await agent.finish(opened);
    await replica.dispatch.sweep();
    assert.equal(await stateOf(runs), 'CANCEL_COMPLETE');
    assert.equal(await stateOf(newest), 'PROCESSING');
  });

  it('with cancel_queued_keep_newest let run what runs', async () => {
    const replica = await world.replica({ autonomous: false });
    const repo = await world.repo();
    const concurrency: CompiledConcurrency = { ...DEPLOY, strategy: 'cancel_queued_keep_newest' };
    const agent = await world.agent(replica, { limit: 5 });
    const groups: string[] = [];
    for (let count = 0; count < 4; count += 1) groups.push(await admit(replica, repo, concurrency));
    assert.deepEqual(await Promise.all(groups.map(stateOf)), [
      'PROCESSING',
      'CANCEL_COMPLETE',
      'CANCEL_COMPLETE',
      'PENDING',
    ]);
    await agent.runNext();
    await replica.dispatch.sweep();
    assert.equal(await stateOf(groups[3]!), 'PROCESSING');
  });

  it('keep the jobs of one change together, whatever it builds for', async () => {
    const replica = await world.replica({ autonomous: false });
    const repo = await world.repo();
    const concurrency: CompiledConcurrency = { ...DEPLOY, strategy: 'cancel_in_progress' };
    const older = await admit(replica, repo, concurrency);
    const first = await world.plan(repo, [{ concurrency }]);
    const second = await world.plan(repo, [{ concurrency }], { target: 'aarch64-linux' });
    const { changeId } = first;
    await database.query('delete from changes where id = $1', [second.changeId]);
    await replica.dispatch.admitGroups([first, { ...second, changeId }]);
    assert.deepEqual(await Promise.all([older, first.id, second.id].map(stateOf)), [
      'CANCEL_COMPLETE',
      'PENDING',
      'PENDING',
    ]);
  });

  it('cancel what a server that died has not, and a job that comes back to the queue', async () => {
    const replica = await world.replica({ autonomous: false });
    const repo = await world.repo();
    const agent = await world.agent(replica, { limit: 1 });
    const concurrency: CompiledConcurrency = { ...DEPLOY, strategy: 'cancel_queued_keep_newest' };
    const runs = await admit(replica, repo, concurrency);
    await database.query(`update concurrency_groups set strategy = 'queue'`);
    const waits = await admit(replica, repo, DEPLOY);
    const newest = await admit(replica, repo, DEPLOY);
    await agent.refuse(await agent.nextPackage(), 'DRAINING');
    await agent.session.updateWorker({ acceptsWork: false });
    await database.query(`update concurrency_groups set strategy = $1`, [concurrency.strategy]);
    await replica.dispatch.sweep();
    assert.deepEqual(await Promise.all([runs, waits, newest].map(stateOf)), [
      'CANCEL_COMPLETE',
      'CANCEL_COMPLETE',
      'PENDING',
    ]);
  });

  it('leave a job alone that was claimed before it could be canceled as waiting', async () => {
    const replica = await world.replica({ autonomous: false });
    const repo = await world.repo();
    const concurrency: CompiledConcurrency = { ...DEPLOY, limit: 2, strategy: 'cancel_queued_keep_newest' };
    const older = await admit(replica, repo, concurrency);
    const [job] = await database.query<{ id: string }>('select id from jobs');
    const held = await OpenTransaction.holding(database, 'select 1 from jobs for no key update');
    const admitted = admit(replica, repo, concurrency);
    await untilBlocked(database, 'cancel');
    await held.query(`update jobs set state = 'PROCESSING' where id = $1`, [job!.id]);
    await held.commit();
    await admitted;
    assert.equal(await stateOf(older), 'PROCESSING');
    await database.query(`update jobs set state = 'PENDING' where id = $1`, [job!.id]);
  });

  it('are never over their limit, whatever is admitted, claimed, ended and canceled where and when', async function () {
    this.timeout(120_000);
    const replicas = [await world.replica({ autonomous: false }), await world.replica({ autonomous: false })];
    const repo = await world.repo({ buildLimit: 4 });
    const agents: SimulatedAgent[] = [];
    for (const replica of replicas) agents.push(await world.agent(replica, { limit: 8 }));
    const admission = fc.record({
      kind: fc.constant('admit' as const),
      side: fc.nat(1),
      key: fc.constantFrom('a', 'b', undefined),
      priority: fc.constantFrom(0, 5),
      strategy: fc.constantFrom('queue' as const, 'cancel_in_progress' as const),
    });
    const ending = fc.record({ kind: fc.constant('end' as const), side: fc.nat(1) });
    const sweep = fc.record({ kind: fc.constant('sweep' as const) });
    await watched(async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(fc.oneof(admission, ending, sweep), { maxLength: 12 }), async (events) => {
          await Promise.all(
            events.map(async (event) => {
              if (event.kind === 'sweep') await Promise.all(replicas.map(({ dispatch }) => dispatch.sweep()));
              else if (event.kind === 'end') await endOne(agents[event.side]!);
              else if (event.key === undefined) await world.admit(replicas[event.side]!, repo);
              else {
                const { key: group, strategy, priority } = event;
                const limit = group === 'a' ? 1 : 2;
                await admit(replicas[event.side]!, repo, { group, limit, strategy }, { priority });
              }
            }),
          );
          assert.deepEqual(await database.query('select * from exceeded'), []);
        }),
        { numRuns: 25 },
      );
    });
  });

  /** Ends one build of an agent, if it has one. */
  async function endOne(agent: SimulatedAgent): Promise<void> {
    if (!agent.hasPackage) return;
    const opened = await agent.nextPackage();
    const [answer] = await agent.accept(opened);
    if (answer?.outcome === 'OK') await agent.finish(opened);
  }

  /** A trigger sees each lease that is inserted, and what it makes of its limits. */
  async function watched(work: () => Promise<void>): Promise<void> {
    await database.query(`
      create table exceeded (what text not null);
      create function note_exceeded() returns trigger language plpgsql as $$ begin
        insert into exceeded select 'repo' from repos r where r.id = new.repo_id
          and r.build_limit < (select count(*) from busy_workers where repo_id = r.id);
        insert into exceeded select g.key from concurrency_groups g where g.id = new.concurrency_group_id
          and g.build_limit < (select count(*) from busy_workers where concurrency_group_id = g.id);
        return new;
      end $$;
      create trigger note_exceeded after insert on busy_workers for each row execute function note_exceeded()`);
    try {
      await work();
    } finally {
      await database.query(
        'drop trigger note_exceeded on busy_workers; drop function note_exceeded(); drop table exceeded',
      );
    }
  }
});
