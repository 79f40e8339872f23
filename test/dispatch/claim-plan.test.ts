import assert from 'node:assert/strict';
import { Client } from 'pg';
import type { Transaction } from '../../src/database/hot-connection.js';
import type { Statement } from '../../src/database/statement.js';
import { claimJobs, type ClaimRequest } from '../../src/dispatch/claim.queries.js';
import { testDatabase } from '../support/database.js';
import { testWorld } from '../support/world/world.js';

/** One node of a plan as PostgreSQL explains it. */
interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly PlanNode[];
}

const WANTED = 10;

describe('the plan of the claim', () => {
  const database = testDatabase();
  const world = testWorld(database);
  const known = new Set<string>();

  it('reads as many jobs at a depth of 20,000 as at 1,000, and no hot table from end to end', async () => {
    const replica = await world.replica({ autonomous: false });
    const agent = await world.agent(replica, { limit: WANTED });
    await agent.session.updateWorker({ acceptsWork: false });
    await world.admit(replica);
    await database.query('update worker_sessions set accepts_work = true');
    const request = await requestFor(agent.session.id);
    // As on a hot connection: the plan is made while the tables are all but empty, and then stays.
    const client = new Client({ connectionString: database.url, application_name: 'test' });
    await client.connect();
    const explain = await prepared(client, request);
    await explain();
    const reads: Map<string, number>[] = [];
    for (const depth of [1_000, 20_000]) {
      await deepen(depth);
      const plans = await explain();
      assert.deepEqual(plans.flatMap(sequentialScans), []);
      reads.push(rowsRead(plans));
    }
    await client.end();
    // For the audit, whose plans were never meant for tables that claim to be empty.
    await database.query('analyze');
    assert.deepEqual(reads[1], reads[0]);
    assert.ok(reads[0]!.get('jobs')! <= 4 * WANTED, `${reads[0]!.get('jobs')} rows of jobs for ${WANTED}`);
  });

  async function requestFor(sessionId: string): Promise<ClaimRequest> {
    const [pool] = await database.query<{ id: string }>('select id from pools');
    const workerClass = { poolId: pool!.id, targets: ['x86_64-linux'], labels: {} };
    return { sessionIds: [sessionId], workerClass, wanted: WANTED, newLaneIds: [], agingMs: 300_000 };
  }

  /** Explains both halves of a claim as generic plans of prepared statements; what is written is rolled back. */
  async function prepared(client: Client, request: ClaimRequest): Promise<() => Promise<PlanNode[]>> {
    await client.query(`set enable_seqscan = off; set enable_bitmapscan = off; set plan_cache_mode = force_generic_plan;
      set random_page_cost = 1.1; set jit = off`);
    return async () => {
      await client.query('begin');
      const plans: PlanNode[] = [];
      await claimJobs(explaining(client, plans), request);
      await client.query('rollback');
      return plans;
    };
  }

  /** Runs the statements of a claim, and explains them all. */
  function explaining(client: Client, plans: PlanNode[]): Transaction {
    let last: Promise<unknown> = Promise.resolve();
    const run = async <Row>({ name, text }: Statement<Row>, values: unknown[]): Promise<Row[]> => {
      if (!known.has(name)) await client.query(`prepare ${name} as ${text}`);
      known.add(name);
      const literals = values.map((value) => client.escapeLiteral(literalOf(value)));
      const call = `execute ${name}${literals.length > 0 ? `(${literals.join(', ')})` : ''}`;
      await client.query('savepoint before');
      const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
        `explain (analyze, format json) ${call}`,
      );
      plans.push(rows[0]!['QUERY PLAN'][0].Plan);
      await client.query('rollback to before');
      return (await client.query(call)).rows as Row[];
    };
    return {
      run: (statement, values) => {
        const result = last.then(() => run(statement, values));
        last = result.catch(() => undefined);
        return result;
      },
      commit: () => Promise.resolve(),
    };
  }

  function literalOf(value: unknown): string {
    if (Array.isArray(value)) return `{${value.map((item) => JSON.stringify(item)).join(',')}}`;
    return typeof value === 'string' ? value : JSON.stringify(value);
  }

  /** Copies the waiting job until so many wait; statistics stay as they were when nothing did. */
  async function deepen(depth: number): Promise<void> {
    await database.query(
      `with template as (select j.*, g.change_id, g.root_project_id, n.timeout_ms as node_timeout_ms
         from jobs j join groups g on g.id = j.group_id join group_projects n on n.id = j.group_project_id
         order by j.number limit 1),
       fresh as materialized (select gen_random_uuid() as group_id, gen_random_uuid() as node_id, n as number
         from generate_series((select max(number) + 1 from jobs), $1::integer) n),
       made_groups as (insert into groups (id, change_id, root_project_id, target, state, scope, node_count)
         select f.group_id, t.change_id, t.root_project_id, t.target, 'DISPATCHING', 'package_only', 1
         from fresh f, template t),
       made_nodes as (insert into group_projects (id, group_id, project_id, target, state, lane_id, spec_sha256,
           timeout_ms, vcs_url, vcs_commit)
         select f.node_id, f.group_id, t.project_id, t.target, 'IN_PROGRESS', t.lane_id, t.spec_sha256,
           t.node_timeout_ms, t.vcs_url, t.vcs_commit
         from fresh f, template t)
       insert into jobs (repo_id, number, group_id, group_project_id, project_id, target, lane_id, spec_sha256, vcs_url,
         vcs_commit, event, timeout_ms, queue_deadline)
       select t.repo_id, f.number, f.group_id, f.node_id, t.project_id, t.target, t.lane_id, t.spec_sha256, t.vcs_url,
         t.vcs_commit, t.event, t.timeout_ms, t.queue_deadline
       from fresh f, template t`,
      [depth],
    );
  }
});

function nodesOf(plan: PlanNode): PlanNode[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];
}

function sequentialScans(plan: PlanNode): string[] {
  return nodesOf(plan)
    .filter((node) => node['Node Type'] === 'Seq Scan')
    .map((node) => node['Relation Name'] ?? '?')
    .filter((table) => ['jobs', 'busy_workers', 'lanes'].includes(table));
}

/** Rows that the scans of each table have looked at. */
function rowsRead(plans: readonly PlanNode[]): Map<string, number> {
  const reads = new Map<string, number>();
  for (const node of plans.flatMap(nodesOf)) {
    const table = node['Relation Name'];
    if (table === undefined || !node['Node Type'].includes('Scan')) continue;
    const rows = (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'];
    reads.set(table, (reads.get(table) ?? 0) + Math.round(rows));
  }
  return reads;
}
