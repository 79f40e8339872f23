import assert from 'node:assert/strict';
import { claimJobs, type ClaimRequest } from '../../src/dispatch/claim.queries.js';
import { testDatabase } from '../support/database.js';
import { insertBacklog } from '../support/world/backlog.js';
import { ExplainingConnection, rowsRead } from '../support/world/rows-read.js';
import type { SimulatedAgent } from '../support/world/simulated-agent.js';
import { testWorld } from '../support/world/world.js';

const DEEP = 100_000;
const LIMIT = 2;
const WANTED = 10;

describe('a repo at its limit with 100,000 waiting jobs', function () {
  this.timeout(300_000);
  const database = testDatabase();
  const world = testWorld(database);

  it('costs the claims of others one row of lanes and none of jobs', async () => {
    const replica = await world.replica({ autonomous: false });
    await world.agent(replica, { limit: LIMIT });
    const deep = await world.repo({ buildLimit: LIMIT });
    await insertBacklog(database, { repos: [deep], depth: DEEP });
    await replica.dispatch.sweep();
    await insertBacklog(database, { repos: [await world.repo()], depth: 2 * WANTED });
    const other = await world.machine({ limit: WANTED });
    await other.open(replica.dispatch);
    const beside = await readsOf(other);
    await database.query('update lanes set ready_from = null where repo_id = $1', [deep.repoId]);
    const alone = await readsOf(other);
    assert.equal(beside['jobs'], alone['jobs']);
    assert.ok(beside['jobs']! <= 4 * WANTED, `${beside['jobs']} rows of jobs for ${WANTED}`);
    assert.ok(
      beside['lanes']! - alone['lanes']! <= 1,
      `${beside['lanes']} rows of lanes, ${alone['lanes']} alone`,
    );
    await database.query(
      'update lanes set ready_from = (select min(ready_at) from jobs where lane_id = lanes.id and waiting) where repo_id = $1',
      [deep.repoId],
    );
    await database.query('analyze');
  });

  async function readsOf({ session }: SimulatedAgent): Promise<Record<string, number>> {
    const connection = await ExplainingConnection.open(database);
    const [pool] = await database.query<{ id: string }>('select id from pools');
    const request: ClaimRequest = {
      sessionIds: [session.id],
      workerClass: { poolId: pool!.id, targets: ['x86_64-linux'], labels: {} },
      wanted: WANTED,
      newLaneIds: [],
      agingMs: 300_000,
    };
    const open = { name: 'open', text: `update worker_sessions set state = 'READY', accepts_work = true` };
    const plans = await connection.explain(async (transaction) => {
      await transaction.run(open, []);
      const { claimed } = await claimJobs(transaction, request);
      assert.equal(claimed.length, WANTED);
    });
    await connection.close();
    return rowsRead(plans);
  }
});
