import assert from 'node:assert/strict';
import { testDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { insertBacklog } from '../support/world/backlog.js';
import { jobOf } from '../support/world/rows.js';
import type { AgentOptions, SimulatedAgent } from '../support/world/simulated-agent.js';
import { testWorld, type PlannedRepo, type Replica } from '../support/world/world.js';

const AGING_MS = 300_000;

describe('fair shares', () => {
  const database = testDatabase();
  const world = testWorld(database);
  let replica: Replica;

  beforeEach('start a replica', async () => {
    replica = await world.replica({ autonomous: false, agingMs: AGING_MS });
  });

  /** What is started in each of so many turns, one start each: the repo that it is for. */
  async function takeTurns(agent: SimulatedAgent, count: number): Promise<string[]> {
    const turns: string[] = [];
    for (let turn = 0; turn < count; turn += 1) {
      await replica.dispatch.sweep();
      turns.push((await agent.runNext()).head.repo);
      await untilBooked();
    }
    return turns;
  }

  /** What is started in one claim. */
  async function takeAtOnce(count: number, options: AgentOptions = {}): Promise<string[]> {
    const agent = await world.agent(replica, { limit: count, ...options });
    await replica.dispatch.sweep();
    const repos: string[] = [];
    for (let taken = 0; taken < count; taken += 1) repos.push((await agent.nextPackage()).head.repo);
    return repos;
  }

  /** Shares and ranks are booked off the claim's path. */
  async function untilBooked(): Promise<void> {
    await eventually(async () => {
      const late = await database.query(
        `select 1 from builds b join jobs j on j.id = b.job_id join lanes l on l.id = j.lane_id
         where l.rank_at + l.priority * $1 * interval '1 millisecond' < b.offered_at`,
        [AGING_MS],
      );
      return late.length === 0;
    });
  }

  const countOf = (turns: readonly string[], repos: readonly PlannedRepo[]) =>
    turns.filter((turn) => repos.some(({ name }) => name === turn)).length;

  const repos = (count: number, options: Parameters<typeof world.repo>[0] = {}) =>
    Promise.all(Array.from({ length: count }, () => world.repo(options)));

  it('serve three repos with backlogs in turn', async () => {
    const three = await repos(3);
    await insertBacklog(database, { repos: three, depth: 20 });
    const turns = await takeTurns(await world.agent(replica), 9);
    for (const start of [0, 3, 6])
      assert.equal(new Set(turns.slice(start, start + 3)).size, 3, turns.join(' '));
  });

  it('serve a newcomer within one round, however long the backlog of the others is', async () => {
    const many = await repos(10);
    await insertBacklog(database, { repos: many, depth: 30 });
    const agent = await world.agent(replica);
    await takeTurns(agent, 25);
    const newcomer = await world.repo();
    await world.admit(replica, newcomer);
    const turns = await takeTurns(agent, 11);
    assert.equal(countOf(turns, [newcomer]), 1, turns.join(' '));
  });

  for (const [first, second] of [
    [1, 5],
    [5, 1],
  ] as const) {
    it(`give two organisations with weights 1 and 2 a third and two thirds, with ${first} and ${second} repos`, async () => {
      const small = await repos(first, { organisation: 'small' });
      const large = await repos(second, { organisation: 'large', organisationWeight: 2 });
      await insertBacklog(database, { repos: [...small, ...large], depth: 40 });
      const agent = await world.agent(replica);
      const turns = await takeTurns(agent, 15);
      assert.equal(countOf(turns, small), 5, turns.join(' '));
      await agent.session.updateWorker({ acceptsWork: false });
      const atOnce = await takeAtOnce(30);
      assert.equal(countOf(atOnce, small), 10, atOnce.join(' '));
    });
  }

  it('give a repo with many lanes no more than one with a single lane', async () => {
    const [wide, narrow] = await repos(2);
    for (let lane = 0; lane < 8; lane += 1) {
      const concurrency = { group: `key-${lane}`, limit: 50, strategy: 'queue' as const };
      const requirements = lane % 2 === 0 ? {} : { gpu: 'yes' };
      for (const target of ['x86_64-linux', 'i686-linux'])
        for (let count = 0; count < 2; count += 1)
          await replica.dispatch.admitGroups([
            await world.plan(wide!, [{ concurrency, requirements }], { target }),
          ]);
    }
    for (let count = 0; count < 20; count += 1) await world.admit(replica, narrow);
    const options = { labels: { gpu: 'yes' }, targets: ['x86_64-linux', 'i686-linux'] };
    const agent = await world.agent(replica, options);
    const turns = await takeTurns(agent, 10);
    assert.equal(countOf(turns, [narrow!]), 5, turns.join(' '));
    await agent.session.updateWorker({ acceptsWork: false });
    const atOnce = await takeAtOnce(20, options);
    assert.equal(countOf(atOnce, [narrow!]), 10, atOnce.join(' '));
  });

  it('give nobody credit for a time at its limit', async () => {
    const [limited, other] = await repos(2);
    await database.query('update repos set build_limit = 1 where id = $1', [limited!.repoId]);
    const agent = await world.agent(replica, { limit: 2 });
    await world.admit(replica, limited);
    const running = await agent.acceptNext();
    await insertBacklog(database, { repos: [other!], depth: 60 });
    for (let count = 0; count < 20; count += 1) await world.admit(replica, limited);
    const meanwhile = await takeTurns(agent, 20);
    assert.equal(countOf(meanwhile, [limited!]), 0);
    await database.query('update repos set build_limit = 1000 where id = $1', [limited!.repoId]);
    await agent.finish(running);
    const turns = [];
    for (let turn = 0; turn < 5; turn += 1) turns.push(...(await takeTwo(agent)));
    assert.ok(Math.abs(countOf(turns, [limited!]) - 5) <= 1, turns.join(' '));
  });

  async function takeTwo(agent: SimulatedAgent): Promise<string[]> {
    await replica.dispatch.sweep();
    const two = [await agent.acceptNext(), await agent.acceptNext()];
    for (const opened of two) await agent.finish(opened);
    await untilBooked();
    return two.map(({ head }) => head.repo);
  }

  it('of scarce workers do not depend on what was had of plentiful ones', async () => {
    const [both, scarceOnly] = await repos(2);
    for (const repo of [both, scarceOnly])
      for (let count = 0; count < 6; count += 1)
        await world.admit(replica, repo, [{ requirements: { gpu: 'yes' } }]);
    const plain = await world.agent(replica);
    const scarce = await world.agent(replica, { labels: { gpu: 'yes' } });
    const turns: string[] = [];
    // Between two starts on the scarce worker, one repo has three on the plentiful one.
    for (let round = 0; round < 6; round += 1) {
      await replica.dispatch.sweep();
      turns.push((await scarce.acceptNext()).head.repo);
      for (let count = 0; count < 3; count += 1) {
        await world.admit(replica, both);
        await plain.runNext();
        await untilBooked();
      }
      await scarce.finish(scarce.packages.at(-1)!);
    }
    assert.equal(countOf(turns, [scarceOnly!]), 3, turns.join(' '));
  });

  describe('beside priorities', () => {
    async function admitAt(priority: number, repo: PlannedRepo): Promise<string> {
      const group = await world.plan(repo, [{}], { priority });
      await replica.dispatch.admitGroups([group]);
      return group.id;
    }

    it('serve the higher one first, whoever has it', async () => {
      const [low, high] = await repos(2);
      for (let count = 0; count < 3; count += 1) await admitAt(0, low!);
      for (let count = 0; count < 3; count += 1) await admitAt(1, high!);
      const turns = await takeTurns(await world.agent(replica), 6);
      assert.deepEqual(
        turns,
        [high, high, high, low, low, low].map((repo) => repo!.name),
      );
    });

    it('raise what waits by one for each aging step, so that it is served after a known time', async () => {
      const [low, high] = await repos(2);
      const starved = await admitAt(-2, low!);
      await insertBacklog(database, { repos: [high!], depth: 40 });
      const agent = await world.agent(replica);
      for (const [passed, state] of [
        ['5 minutes', 'PENDING'],
        ['4 minutes 50 seconds', 'PENDING'],
        ['11 seconds', 'COMPLETE'],
      ] as const) {
        await world.pass(passed);
        // Equal by now, it may be the turn of the other one first.
        await agent.beat();
        await takeTurns(agent, 2);
        assert.equal((await jobOf(database, starved)).state, state, passed);
      }
    });

    it('give a lane that has risen one start, and then it waits anew', async () => {
      const [low, high] = await repos(2);
      for (let count = 0; count < 5; count += 1) await admitAt(-1, low!);
      await insertBacklog(database, { repos: [high!], depth: 40 });
      const agent = await world.agent(replica);
      await world.pass('6 minutes');
      await agent.beat();
      assert.equal(countOf(await takeTurns(agent, 6), [low!]), 1);
    });

    it('raise nobody above its equals: an old backlog does not stand in front of a newcomer', async () => {
      const [old, newcomer] = await repos(2);
      for (const size of ['s', 'm', 'l', 'xl'])
        for (let count = 0; count < 3; count += 1)
          await world.admit(replica, old, [{ requirements: { [size]: 'yes' } }]);
      await world.pass('3 hours');
      await world.admit(replica, newcomer);
      const labels = { s: 'yes', m: 'yes', l: 'yes', xl: 'yes' };
      const agent = await world.agent(replica, { labels });
      assert.equal(countOf(await takeTurns(agent, 2), [newcomer!]), 1);
    });

    it('serve the lanes of a repo by their last start', async () => {
      const [repo] = await repos(1);
      const gpu = [{ requirements: { gpu: 'yes' } }];
      for (let count = 0; count < 6; count += 1) await world.admit(replica, repo);
      for (let count = 0; count < 6; count += 1) await world.admit(replica, repo, gpu);
      const agent = await world.agent(replica, { labels: { gpu: 'yes' } });
      await takeTurns(agent, 4);
      await agent.session.updateWorker({ acceptsWork: false });
      await takeAtOnce(4, { labels: { gpu: 'yes' } });
      const rows = await database.query(
        `select l.requirements, count(*)::integer from jobs j join lanes l on l.id = j.lane_id where j.waiting
         group by l.requirements order by 1`,
      );
      assert.deepEqual(rows, [
        { requirements: {}, count: 2 },
        { requirements: { gpu: 'yes' }, count: 2 },
      ]);
    });
  });
});
