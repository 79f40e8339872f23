import assert from 'node:assert/strict';
import { deferred } from '../../src/base/deferred.js';
import { testDatabase } from '../support/database.js';
import { OpenTransaction, untilBlocked } from '../support/world/open-transaction.js';
import { groupState, jobsOf } from '../support/world/rows.js';
import { FAILURE, SUCCESS, type SimulatedAgent } from '../support/world/simulated-agent.js';
import { testWorld, type NodeWish } from '../support/world/world.js';

/** The last node joins all others. */
const JOIN: readonly NodeWish[] = [{}, {}, { dependsOn: [0, 1] }];

describe('the fold of ended jobs into their group', () => {
  const database = testDatabase();
  const world = testWorld(database);

  it('starts a node both of whose parents end in one batch, once', async () => {
    const replica = await world.replica();
    const agent = await world.agent(replica, { limit: 3 });
    const group = await world.admit(replica, undefined, JOIN);
    const parents = [await agent.acceptNext(), await agent.acceptNext()];
    const answers = await agent.session.finishBuilds(
      parents.map(({ buildId, content }) => ({ buildId, token: content.buildToken, result: SUCCESS })),
    );
    assert.deepEqual(
      answers.map(({ outcome }) => outcome),
      ['OK', 'OK'],
    );
    await agent.runNext();
    assert.equal(await groupState(database, group.id), 'COMPLETE');
    assert.equal((await jobsOf(database, group.id)).length, 3);
  });

  it('starts a node whose parents end in two transactions, on two replicas, at once', async () => {
    const [first, second] = [await world.replica(), await world.replica()];
    const agents = [await world.agent(first), await world.agent(second)];
    const group = await world.admit(first, undefined, JOIN);
    const parents = await Promise.all(agents.map((agent) => agent.acceptNext()));
    // Whoever holds the group decides last: both endings wait behind it, then run one after the other.
    const held = await OpenTransaction.holding(database, 'select 1 from groups where id = $1 for update', [
      group.id,
    ]);
    const finished = agents.map((agent, index) => agent.finish(parents[index]!));
    await untilBlocked(database, 'settle', 2);
    await held.commit();
    assert.deepEqual(
      (await Promise.all(finished)).map(({ outcome }) => outcome),
      ['OK', 'OK'],
    );
    await Promise.race(agents.map((agent) => agent.runNext()));
    assert.equal(await groupState(database, group.id), 'COMPLETE');
  });

  it('skips what depends on a failure, also when its other parent succeeds in the same batch', async () => {
    const replica = await world.replica();
    const agent = await world.agent(replica, { limit: 2 });
    const group = await world.admit(replica, undefined, [...JOIN, { dependsOn: [2] }]);
    const parents = [await agent.acceptNext(), await agent.acceptNext()];
    await agent.session.finishBuilds(
      parents.map(({ buildId, content }, index) => ({
        buildId,
        token: content.buildToken,
        result: index === 0 ? SUCCESS : FAILURE,
      })),
    );
    assert.equal(await groupState(database, group.id), 'FAILED');
    const nodes = await database.query<{ state: string }>(
      'select state from group_projects where group_id = $1 order by state::text',
      [group.id],
    );
    assert.deepEqual(
      nodes.map(({ state }) => state),
      ['FAILURE', 'SKIPPED', 'SKIPPED', 'SUCCESS'],
    );
  });

  it('decrements nothing when an ending is repeated', async () => {
    const replica = await world.replica();
    const agent = await world.agent(replica, { limit: 2 });
    const group = await world.admit(replica, undefined, JOIN);
    const parent = await agent.acceptNext();
    await agent.finish(parent);
    await Promise.all([agent.finish(parent), agent.finish(parent)]);
    const [join] = await database.query(
      `select state, waiting_on from group_projects where group_id = $1 and state = 'NOT_STARTED'`,
      [group.id],
    );
    assert.deepEqual(join, { state: 'NOT_STARTED', waiting_on: 1 });
    await agent.runNext();
    await agent.runNext();
    assert.equal(await groupState(database, group.id), 'COMPLETE');
  });

  it('comes to the same end on two replicas with every order of endings', async () => {
    const [first, second] = [await world.replica(), await world.replica()];
    const agents = [await world.agent(first, { limit: 8 }), await world.agent(second, { limit: 8 })];
    const groups = [];
    for (let round = 0; round < 10; round += 1)
      groups.push(await world.admit(round % 2 === 0 ? first : second, undefined, JOIN));
    let left = 30;
    const runAll = async (agent: SimulatedAgent): Promise<void> => {
      while (left > 0) {
        const opened = await Promise.race([agent.acceptNext(), allDone.promise]);
        if (opened === undefined) return;
        await agent.finish(opened);
        left -= 1;
        if (left === 0) allDone.resolve(undefined);
      }
    };
    const allDone = deferred<undefined>();
    await Promise.all(agents.map(runAll));
    for (const { id } of groups) assert.equal(await groupState(database, id), 'COMPLETE');
  });
});
