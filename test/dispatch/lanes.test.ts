import assert from 'node:assert/strict';
import { testDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { insertBacklog } from '../support/world/backlog.js';
import { OpenTransaction, untilBlocked } from '../support/world/open-transaction.js';
import { jobOf } from '../support/world/rows.js';
import type { SimulatedAgent } from '../support/world/simulated-agent.js';
import { testWorld, type PlannedRepo, type Replica } from '../support/world/world.js';

describe('lanes', () => {
  const database = testDatabase();
  const world = testWorld(database);

  /** Admits many single-node changes of a repo while nobody is there to take them. */
  async function queue(replica: Replica, repo: PlannedRepo, count: number): Promise<void> {
    const plans = await Promise.all(Array.from({ length: count }, () => world.plan(repo)));
    await Promise.all(plans.map((plan) => replica.dispatch.admitGroups([plan])));
  }

  /** Names of the repos whose jobs an agent gets, in order, one claim each. */
  async function takeTurns(replica: Replica, agent: SimulatedAgent, count: number): Promise<string[]> {
    const turns: string[] = [];
    for (let turn = 0; turn < count; turn += 1) {
      await replica.dispatch.sweep();
      const opened = await agent.runNext();
      turns.push(opened.head.repo);
      await untilCharged();
    }
    return turns;
  }

  /** Shares are booked off the claim's path; a turn is over when it is booked. */
  async function untilCharged(): Promise<void> {
    await eventually(async () => {
      const late = await database.query(
        `select 1 from builds b join jobs j on j.id = b.job_id join lanes l on l.id = j.lane_id
         where l.rank_at + l.priority * interval '5 minutes' < b.offered_at`,
      );
      return late.length === 0;
    });
  }

  const countOf = (turns: readonly string[], { name }: PlannedRepo) =>
    turns.filter((turn) => turn === name).length;

  it('are served by their weight: 1 to 1 to 2', async () => {
    const replica = await world.replica({ autonomous: false });
    const repos = [await world.repo(), await world.repo(), await world.repo({ weight: 2 })];
    for (const repo of repos) await queue(replica, repo, 20);
    const agent = await world.agent(replica);
    const turns = await takeTurns(replica, agent, 24);
    assert.deepEqual(
      repos.map((repo) => countOf(turns, repo)),
      [6, 6, 12],
    );
  });

  it('are served by their weight within one claim, too', async () => {
    const replica = await world.replica({ autonomous: false });
    const repos = [await world.repo(), await world.repo(), await world.repo({ weight: 2 })];
    for (const repo of repos) await queue(replica, repo, 20);
    const agent = await world.agent(replica, { limit: 24 });
    await replica.dispatch.sweep();
    const turns: string[] = [];
    for (let turn = 0; turn < 24; turn += 1) turns.push((await agent.nextPackage()).head.repo);
    assert.deepEqual(
      repos.map((repo) => countOf(turns, repo)),
      [6, 6, 12],
    );
  });

  it('that begin to wait are neither starved nor take everything', async () => {
    const replica = await world.replica({ autonomous: false });
    const [old, newcomer] = [await world.repo(), await world.repo()];
    await queue(replica, newcomer, 1);
    const agent = await world.agent(replica);
    await takeTurns(replica, agent, 1);
    await queue(replica, old, 40);
    await takeTurns(replica, agent, 20);
    await queue(replica, newcomer, 20);
    const turns = await takeTurns(replica, agent, 10);
    // Half of them, and one more where its first turn comes before the other's next.
    assert.ok([5, 6].includes(countOf(turns, newcomer)), turns.join(' '));
  });

  it('of a repo at its limit never exceed it over two lanes and two replicas, and block nobody', async () => {
    const replicas = [await world.replica({ autonomous: false }), await world.replica({ autonomous: false })];
    const [limited, free] = [await world.repo({ buildLimit: 2 }), await world.repo()];
    for (const requirements of [{}, { gpu: 'yes' }])
      for (let count = 0; count < 10; count += 1)
        await world.admit(replicas[0]!, limited, [{ requirements }]);
    await queue(replicas[0]!, free, 3);
    const agents: SimulatedAgent[] = [];
    for (const replica of replicas)
      agents.push(await world.agent(replica, { limit: 20, labels: { gpu: 'yes' } }));
    // Both claims come to the limit's row while somebody else holds it, and go on together.
    const held = await OpenTransaction.holding(database, 'select 1 from repos for update');
    const swept = Promise.all(replicas.map(({ dispatch }) => dispatch.sweep()));
    await untilBlocked(database, 'claim', 2);
    await held.commit();
    await swept;
    const rows = await database.query(
      `select repo_id = $1 as limited, count(*)::integer from busy_workers group by 1 order by 1`,
      [limited.repoId],
    );
    assert.deepEqual(rows, [
      { limited: false, count: 3 },
      { limited: true, count: 2 },
    ]);
  });

  it('are all served at once, also where there are more than a claim looks at', async () => {
    const replica = await world.replica({ sweepMs: 3_600_000 });
    const repos = await Promise.all(Array.from({ length: 100 }, () => world.repo()));
    await insertBacklog(database, { repos, depth: 2 });
    const agent = await world.agent(replica, { limit: 250 });
    for (let taken = 0; taken < 200; taken += 1) await agent.nextPackage();
  });

  it('give work only to workers of the target with all labels and enough trust', async () => {
    const replica = await world.replica({ autonomous: false });
    const repo = await world.repo();
    const groups = {
      gpu: await world.plan(repo, [{ requirements: { gpu: 'yes', size: 'l' } }]),
      arm: await world.plan(repo, [{}], { target: 'aarch64-linux' }),
      fork: await world.plan(repo, [{}], { trusted: false }),
    };
    for (const group of Object.values(groups)) await replica.dispatch.admitGroups([group]);
    const taken = async (options: Parameters<typeof world.agent>[1]) => {
      const agent = await world.agent(replica, { limit: 5, ...options });
      await replica.dispatch.sweep();
      const [rows] = await database.query<{ count: number }>(
        'select count(*)::integer from busy_workers where worker_id = $1',
        [agent.workerId],
      );
      return rows?.count;
    };
    assert.equal(await taken({ labels: { gpu: 'yes', size: 's' } }), 0);
    assert.equal(await taken({ labels: { gpu: 'yes', size: 'l', more: 'x' } }), 1);
    assert.equal((await jobOf(database, groups.gpu.id)).state, 'PROCESSING');
    assert.equal(await taken({ trust: 'untrusted_too' }), 1);
    assert.equal((await jobOf(database, groups.fork.id)).state, 'PROCESSING');
    assert.equal((await jobOf(database, groups.arm.id)).state, 'PENDING');
    assert.equal(await taken({ targets: ['aarch64-linux'] }), 1);
  });

  it('give nothing to a pool that may not serve the repo, and take "_" as itself', async () => {
    const replica = await world.replica({ autonomous: false });
    const group = await world.admit(replica);
    await world.agent(replica);
    await database.query(`update pools set allow_repos = '{other/*,org_*}'`);
    await database.query(`update jobs set state = state`);
    const agent = await world.agent(replica);
    await replica.dispatch.sweep();
    assert.equal((await jobOf(database, group.id)).state, 'PENDING');
    await database.query(`update pools set allow_repos = '{other/*,org/repo-*}'`);
    await replica.dispatch.sweep();
    assert.equal((await jobOf(database, group.id)).state, 'PROCESSING');
    assert.ok(agent);
  });

  it('hold delayed jobs back, and nobody behind them', async () => {
    const replica = await world.replica({ autonomous: false });
    const repo = await world.repo();
    const delayed = await world.admit(replica, repo);
    await database.query(`update jobs set ready_at = slipway_now() + interval '30 seconds'`);
    const next = await world.admit(replica, repo);
    await world.agent(replica, { limit: 5 });
    await replica.dispatch.sweep();
    assert.equal((await jobOf(database, next.id)).state, 'PROCESSING');
    assert.equal((await jobOf(database, delayed.id)).state, 'PENDING');
    await replica.dispatch.sweep();
    await world.pass('31 seconds');
    await replica.dispatch.sweep();
    assert.equal((await jobOf(database, delayed.id)).state, 'PROCESSING');
  });

  it('that are drained leave the sight of claims, but not with a job that is just inserted', async () => {
    const replica = await world.replica({ autonomous: false });
    const repo = await world.repo();
    await world.admit(replica, repo);
    const agent = await world.agent(replica);
    await replica.dispatch.sweep();
    await agent.runNext();
    // The insert has happened and waits to be marked, at the very end of its transaction.
    await database.query('update workers set maintenance_until = slipway_now() + $1::interval', ['1 hour']);
    const held = await OpenTransaction.holding(database, 'select 1 from lanes for no key update');
    const admitted = world.admit(replica, repo);
    await untilBlocked(database, 'admit');
    await replica.dispatch.sweep();
    await held.commit();
    const group = await admitted;
    await replica.dispatch.sweep();
    await database.query('update workers set maintenance_until = null');
    await replica.dispatch.sweep();
    assert.equal((await jobOf(database, group.id)).state, 'PROCESSING');
    await agent.runNext();
    await replica.dispatch.sweep();
    const [lane] = await database.query('select ready_from from lanes');
    assert.deepEqual(lane, { ready_from: null });
  });

  it('that are being cleared make a job wait that is just inserted, and not get lost', async () => {
    const replica = await world.replica({ autonomous: false });
    const repo = await world.repo();
    await world.admit(replica, repo);
    const agent = await world.agent(replica);
    await replica.dispatch.sweep();
    await agent.runNext();
    await agent.session.updateWorker({ acceptsWork: false });
    // What clearing does, from its lock on.
    const clearing = await OpenTransaction.holding(database, 'select 1 from lanes for update');
    const admitted = world.admit(replica, repo);
    await untilBlocked(database, 'admit');
    await clearing.query(`update lanes l set ready_from = (select min(ready_at) from jobs j
      where j.lane_id = l.id and j.state = 'PENDING')`);
    await clearing.commit();
    await admitted;
    const [lane] = await database.query<{ waits: boolean }>(
      'select ready_from is not null as waits from lanes',
    );
    assert.deepEqual(lane, { waits: true });
  });
});
