import assert from 'node:assert/strict';
import { claimJobs, type ClaimRequest } from '../../src/dispatch/claim.queries.js';
import { testDatabase } from '../support/database.js';
import { insertBacklog } from '../support/world/backlog.js';
import { jobOf } from '../support/world/rows.js';
import { ExplainingConnection, nodesOf, rowsRead, type PlanNode } from '../support/world/rows-read.js';
import type { SimulatedAgent } from '../support/world/simulated-agent.js';
import { testWorld, type PlannedRepo, type Replica } from '../support/world/world.js';

const WANTED = 10;
const LIMIT = 2;
const MANY_REPOS = 200;

describe('the plan of the claim', () => {
  const database = testDatabase();
  let connection: ExplainingConnection;

  afterEach('close the connection', async () => {
    await connection.close();
    // For the audit, whose plans were never meant for tables that claim to be empty.
    await database.query('analyze');
  });

  // Its audit comes after the hook above.
  const world = testWorld(database);
  let replica: Replica;
  let agent: SimulatedAgent;

  // As on a hot connection: plans are made while the tables are all but empty, and then stay.
  beforeEach('make the plans', async () => {
    replica = await world.replica({ autonomous: false });
    agent = await world.agent(replica, { limit: WANTED });
    await agent.session.updateWorker({ acceptsWork: false });
    connection = await ExplainingConnection.open(database);
    await world.admit(replica);
    await explainClaim();
    await database.query('truncate organisations cascade');
  });

  it('reads as many jobs at a depth of 20,000 as at 1,000, and no hot table from end to end', async () => {
    const reads: Record<string, number>[] = [];
    for (const depth of [1_000, 20_000]) {
      await insertBacklog(database, { repos: [await world.repo()], depth });
      const plans = await explainClaim();
      assert.deepEqual(sequentialScans(plans), []);
      reads.push(rowsRead(plans));
      await database.query('truncate organisations cascade');
    }
    assert.deepEqual(reads[1], reads[0]);
    assert.ok(reads[0]!['jobs']! <= 4 * WANTED, `${reads[0]!['jobs']} rows of jobs for ${WANTED}`);
  });

  it('reads one lane, and no job, of each of 200 repos at their limit, and claims for a newcomer', async () => {
    const repos = await fullRepos(MANY_REPOS);
    const newcomer = await world.admit(replica);
    const reads = rowsRead(await explainClaim());
    // Each repo is stepped to once for its lane, and its leases are counted up to its limit.
    assert.ok(reads['lanes']! <= repos.length + 10, `${reads['lanes']} rows of lanes`);
    assert.ok(reads['repos']! <= repos.length + 10, `${reads['repos']} rows of repos`);
    assert.ok(reads['shares']! <= 10, `${reads['shares']} rows of shares`);
    assert.ok(reads['jobs']! <= 10, `${reads['jobs']} rows of jobs`);
    assert.ok(reads['busy_workers']! <= LIMIT * repos.length + 50, `${reads['busy_workers']} rows of leases`);
    await world.agent(replica, { limit: WANTED });
    await replica.dispatch.sweep();
    assert.equal((await jobOf(database, newcomer.id)).state, 'PROCESSING');
  });

  it('reads nothing of the further lanes of a repo at its limit', async () => {
    const [repo] = await fullRepos(1);
    await database.query(
      `insert into lanes (repo_id, target, requirements, trusted, ready_from, rank_at)
       select $1, 'x86_64-linux', jsonb_build_object('n', n::text), true, slipway_now(), slipway_now()
       from generate_series(1, 5000) n`,
      [repo!.repoId],
    );
    await world.admit(replica);
    const reads = rowsRead(await explainClaim());
    assert.ok(reads['lanes']! <= 10, `${reads['lanes']} rows of lanes`);
    await database.query('update lanes set ready_from = null where repo_id = $1 and requirements <> $2', [
      repo!.repoId,
      {},
    ]);
  });

  /** Repos with a backlog and as many leases as they may have, all on a worker of their own. */
  async function fullRepos(count: number): Promise<PlannedRepo[]> {
    const repos: PlannedRepo[] = [];
    for (let made = 0; made < count; made += 1) repos.push(await world.repo({ buildLimit: LIMIT }));
    await insertBacklog(database, { repos, depth: 20 });
    const other = await world.agent(replica, { limit: LIMIT * count });
    while ((await claimedAtAll()) < LIMIT * count) await replica.dispatch.sweep();
    await other.session.updateWorker({ acceptsWork: false });
    return repos;
  }

  async function claimedAtAll(): Promise<number> {
    const [row] = await database.query<{ count: number }>('select count(*)::integer from busy_workers');
    return row?.count ?? 0;
  }

  /** Explains a claim for a session that takes work only for it. */
  async function explainClaim(): Promise<PlanNode[]> {
    const request = await requestFor(agent.session.id);
    return connection.explain(async (transaction) => {
      await transaction.run(
        { name: 'accept_work', text: 'update worker_sessions set accepts_work = true' },
        [],
      );
      return claimJobs(transaction, request);
    });
  }

  async function requestFor(sessionId: string): Promise<ClaimRequest> {
    const [pool] = await database.query<{ id: string }>('select id from pools');
    const workerClass = { poolId: pool!.id, targets: ['x86_64-linux'], labels: {} };
    return { sessionIds: [sessionId], workerClass, wanted: WANTED, newLaneIds: [], agingMs: 300_000 };
  }
});

function sequentialScans(plans: readonly PlanNode[]): string[] {
  return nodesOf(plans)
    .filter((node) => node['Node Type'] === 'Seq Scan')
    .map((node) => node['Relation Name'] ?? '?')
    .filter((table) => ['jobs', 'busy_workers', 'lanes'].includes(table));
}
