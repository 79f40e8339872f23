import assert from 'node:assert/strict';
import { testDatabase } from '../support/database.js';
import { FAILURE } from '../support/world/simulated-agent.js';
import { testWorld } from '../support/world/world.js';

describe('the life of a job', () => {
  const database = testDatabase();
  const world = testWorld(database);

  it('goes from plan to package to COMPLETE', async () => {
    const replica = await world.replica();
    const agent = await world.agent(replica);
    const group = await world.plan(await world.repo());
    assert.deepEqual(await replica.dispatch.admitGroups([group]), [{ kind: 'ADMITTED', groupId: group.id }]);
    const opened = await agent.runNext();
    assert.equal(opened.head.worker, agent.workerId);
    const [job] = await database.query('select state, attempts, number from jobs where group_id = $1', [
      group.id,
    ]);
    assert.deepEqual(job, { state: 'COMPLETE', attempts: 1, number: 1 });
    const [row] = await database.query('select state, success_count from groups where id = $1', [group.id]);
    assert.deepEqual(row, { state: 'COMPLETE', success_count: 1 });
  });

  it('waits for a worker, and is pushed to the first that comes', async () => {
    const replica = await world.replica();
    const group = await world.plan(await world.repo());
    await replica.dispatch.admitGroups([group]);
    const agent = await world.agent(replica);
    await agent.runNext(FAILURE);
    const [row] = await database.query('select state, failure_count from groups where id = $1', [group.id]);
    assert.deepEqual(row, { state: 'FAILED', failure_count: 1 });
  });

  it('runs a diamond in order, the join after both of its sides', async () => {
    const replica = await world.replica();
    const group = await world.plan(await world.repo(), [
      {},
      { dependsOn: [0] },
      { dependsOn: [0] },
      { dependsOn: [1, 2] },
    ]);
    await replica.dispatch.admitGroups([group]);
    const agent = await world.agent(replica, { limit: 4 });
    const order: string[] = [];
    for (let count = 0; count < 4; count += 1) order.push((await agent.runNext()).head.project);
    const [row] = await database.query('select state, success_count from groups where id = $1', [group.id]);
    assert.deepEqual(row, { state: 'COMPLETE', success_count: 4 });
    assert.equal(new Set(order).size, 4);
  });
});
