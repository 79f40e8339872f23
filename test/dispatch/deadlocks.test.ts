import assert from 'node:assert/strict';
import { deferred } from '../../src/base/deferred.js';
import { testDatabase } from '../support/database.js';
import { countDeadlocks, OpenTransaction, untilBlocked } from '../support/world/open-transaction.js';
import { groupState } from '../support/world/rows.js';
import { SUCCESS, type OpenedPackage, type SimulatedAgent } from '../support/world/simulated-agent.js';
import { testWorld } from '../support/world/world.js';

describe('locks', () => {
  const database = testDatabase();
  const world = testWorld(database);
  let before: number;

  beforeEach(async () => {
    before = await countDeadlocks(database);
  });

  /** Batchers would hide a deadlock by trying again: PostgreSQL's own count does not. */
  async function assertNoDeadlocks(): Promise<void> {
    assert.equal((await countDeadlocks(database)) - before, 0);
  }

  const items = (builds: readonly OpenedPackage[]) =>
    builds.map(({ buildId, content }) => ({ buildId, token: content.buildToken }));

  it('are taken in one order by batches that settle, admit and claim the same rows in opposite orders', async () => {
    const replicas = [await world.replica(), await world.replica()];
    const repos = [await world.repo(), await world.repo(), await world.repo()];
    const agents: SimulatedAgent[] = [];
    for (const replica of replicas) agents.push(await world.agent(replica, { limit: 60 }));
    const crew = work(agents);
    for (let round = 0; round < 12; round += 1) {
      const plans = [];
      for (let count = 0; count < 12; count += 1)
        plans.push(await world.plan(repos[count % 3]!, [{}, {}, { dependsOn: [0, 1] }]));
      const halves = [plans.slice(0, 6), plans.slice(6).toReversed()];
      await Promise.all(
        halves.map((half, side) =>
          Promise.all(half.map((plan) => replicas[side]!.dispatch.admitGroups([plan]))),
        ),
      );
      // Both parents of a group end on either replica, whichever claimed them; then the joins.
      for (const wave of [24, 12]) await crew.finish(wave);
      for (const { id } of plans) assert.equal(await groupState(database, id), 'COMPLETE');
    }
    await assertNoDeadlocks();
  });

  it('of a report that a build begins and of its end are taken in one order', async () => {
    const replica = await world.replica({ autonomous: false });
    const agent = await world.agent(replica);
    await world.admit(replica);
    const opened = await agent.acceptNext();
    // The end has written the build and waits for the lease, which a report may have in the meantime.
    const held = await OpenTransaction.holding(
      database,
      'select 1 from busy_workers where build_id = $1 for key share',
      [opened.buildId],
    );
    const finished = agent.finish(opened);
    await untilBlocked(database, 'settle');
    const started = agent.start(opened);
    await untilBlocked(database, 'reports');
    await held.commit();
    assert.equal((await finished).outcome, 'OK');
    assert.equal((await started).outcome, 'STALE_BUILD');
    await assertNoDeadlocks();
  });

  it('of a resume, of an end of what it resumes and of the next opening are taken in one order', async () => {
    const replica = await world.replica({ autonomous: false });
    const agent = await world.agent(replica);
    const second = await world.replica({ autonomous: false });
    const group = await world.admit(replica);
    const opened = await agent.acceptNext();
    const session = agent.session;
    // The end holds the job, waits for the lane, and will want the worker.
    const held = await OpenTransaction.holding(database, 'select 1 from lanes for no key update');
    const finished = session.finishBuilds([
      { ...items([opened])[0]!, result: { ...SUCCESS, status: 'ERROR', failureKind: 'EXECUTOR_ERROR' } },
    ]);
    await untilBlocked(database, 'settle');
    const holds = [{ build: opened.buildId, phase: 'RUNNING' as const }];
    const resumed = agent.tryOpen(replica.dispatch, { holds });
    await untilBlocked(database, 'sessions');
    const resumedElsewhere = agent.tryOpen(second.dispatch, { holds });
    await untilBlocked(database, 'sessions', 2);
    await held.commit();
    await Promise.all([finished, resumed, resumedElsewhere]);
    assert.equal(await groupState(database, group.id), 'DISPATCHING');
    await assertNoDeadlocks();
  });

  it('of batches of beginnings and of ends of the same builds are taken in one order', async () => {
    const replica = await world.replica({ autonomous: false });
    const agent = await world.agent(replica, { limit: 200 });
    for (let round = 0; round < 10; round += 1) {
      const repo = await world.repo();
      const plans = await Promise.all(Array.from({ length: 20 }, () => world.plan(repo)));
      await Promise.all(plans.map((plan) => replica.dispatch.admitGroups([plan])));
      await replica.dispatch.sweep();
      const builds = await Promise.all(plans.map(() => agent.acceptNext()));
      await Promise.all([
        agent.session.startBuilds(items(builds)),
        agent.session.finishBuilds(items(builds).map((item) => ({ ...item, result: SUCCESS }))),
        agent.session.startBuilds(items(builds.toReversed())),
      ]);
    }
    await assertNoDeadlocks();
  });

  /** Accepts whatever is pushed; `finish` ends `count` builds together, one side in the opposite order. */
  function work(agents: readonly SimulatedAgent[]) {
    const running = agents.map((): OpenedPackage[] => []);
    let arrived = deferred<void>();
    const failed = deferred<never>();
    const loop = async (agent: SimulatedAgent, side: number): Promise<void> => {
      for (;;) {
        running[side]!.push(await agent.acceptNext());
        arrived.resolve();
      }
    };
    agents.forEach((agent, side) => void loop(agent, side).catch((error: unknown) => failed.reject(error)));
    return {
      async finish(count: number): Promise<void> {
        while (running.flat().length < count) {
          arrived = deferred();
          await Promise.race([arrived.promise, failed.promise]);
        }
        await Promise.all(
          agents.map((agent, side) => {
            const builds = items(running[side]!.splice(0));
            const ordered = side === 0 ? builds : builds.toReversed();
            return agent.session.finishBuilds(ordered.map((item) => ({ ...item, result: SUCCESS })));
          }),
        );
      },
    };
  }
});
