import assert from 'node:assert/strict';
import type { Hints } from '../../src/database/hints.js';
import { testDatabase } from '../support/database.js';
import { jobOf, only } from '../support/world/rows.js';
import { testWorld } from '../support/world/world.js';

/** A bus that loses everything. */
const DEAF: Hints = { publish: () => undefined, subscribe: () => () => undefined };

describe('a replica all of whose hints are lost', () => {
  const database = testDatabase();
  const world = testWorld(database);
  const deaf = () => world.replica({ hints: DEAF, sweepMs: 20 });

  it('finds work that another replica has admitted, and runs a graph to its end', async () => {
    const [first, second] = [await world.replica({ autonomous: false, hints: DEAF }), await deaf()];
    const agent = await world.agent(second);
    await world.admit(first, undefined, [{}, { dependsOn: [0] }, { dependsOn: [1] }]);
    for (let count = 0; count < 3; count += 1) await agent.runNext();
  });

  it('finds a cancel that another replica has taken', async () => {
    const [first, second] = [await world.replica({ autonomous: false, hints: DEAF }), await deaf()];
    const agent = await world.agent(second);
    const group = await world.admit(first);
    const opened = await agent.acceptNext();
    await first.dispatch.cancelJob(opened.head.job, 'test');
    assert.equal((await agent.nextEvent('CancelBuild')).buildId, opened.buildId);
    await agent.finish(opened);
    assert.equal((await jobOf(database, group.id)).state, 'CANCEL_COMPLETE');
  });

  it('pushes an offer whose claim has committed without an answer', async () => {
    const replica = await world.replica({ autonomous: false });
    const agent = await world.agent(replica);
    await agent.session.updateWorker({ acceptsWork: false });
    const group = await world.admit(replica);
    // What a claim writes whose answer was lost with its connection.
    await database.query(
      `with job as (update jobs set state = 'PROCESSING', offers = 1 where group_id = $1 returning *),
       build as (insert into builds (job_id, offer, attempt, worker_id, session_id, slot)
         select id, 1, 1, $2, $3, 0 from job returning *),
       history as (insert into work_history (worker_id, hostname, process, event, build_id, session_id)
         select $2, 'w', 'DISPATCH', 'Started', id, $3 from build)
       insert into busy_workers (worker_id, slot, build_id, job_id, repo_id, session_id, target)
       select $2, 0, build.id, job.id, job.repo_id, $3, job.target from build, job`,
      [group.id, agent.workerId, agent.session.id],
    );
    await replica.dispatch.sweep();
    assert.deepEqual(agent.packages, []);
    await world.pass('3 seconds');
    await replica.dispatch.sweep();
    await agent.runNext();
    const row = only(await database.query<{ state: string }>('select state from jobs'));
    assert.equal(row.state, 'COMPLETE');
    await database.query(`update workers set status = 'AVAILABLE' where status = 'BUSY'`);
  });
});
