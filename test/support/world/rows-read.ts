import { Client } from 'pg';
import type { Transaction } from '../../../src/database/hot-connection.js';
import type { Statement } from '../../../src/database/statement.js';
import type { TestDatabase } from '../database.js';

/** One node of a plan as PostgreSQL explains it. */
export interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly Plans?: readonly PlanNode[];
}

/**
 * A connection like those of the hot path, whose transactions explain all of their statements: as generic plans, which
 * are made with the first call and then stay, whatever becomes of the tables.
 */
export class ExplainingConnection {
  readonly #known = new Set<string>();

  private constructor(private readonly client: Client) {}

  static async open(database: TestDatabase): Promise<ExplainingConnection> {
    const client = new Client({ connectionString: database.url, application_name: 'test' });
    await client.connect();
    await client.query(`set enable_seqscan = off; set enable_bitmapscan = off;
      set plan_cache_mode = force_generic_plan; set random_page_cost = 1.1; set jit = off`);
    return new ExplainingConnection(client);
  }

  async close(): Promise<void> {
    await this.client.end();
  }

  /** Runs `work`, gives the plans of its statements, and rolls back what it has written. */
  async explain(work: (transaction: Transaction) => Promise<unknown>): Promise<PlanNode[]> {
    const plans: PlanNode[] = [];
    let last: Promise<unknown> = Promise.resolve();
    await this.client.query('begin');
    try {
      await work({
        run: (statement, values) => {
          const result = last.then(() => this.#run(statement, values, plans));
          last = result.catch(() => undefined);
          return result;
        },
        commit: () => Promise.resolve(),
      });
    } finally {
      await this.client.query('rollback');
    }
    return plans;
  }

  async #run<Row>({ name, text }: Statement<Row>, values: unknown[], plans: PlanNode[]): Promise<Row[]> {
    if (!this.#known.has(name)) await this.client.query(`prepare ${name} as ${text}`);
    this.#known.add(name);
    const literals = values.map((value) => this.client.escapeLiteral(literalOf(value)));
    const call = `execute ${name}${literals.length > 0 ? `(${literals.join(', ')})` : ''}`;
    await this.client.query('savepoint explained');
    const { rows } = await this.client.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
      `explain (analyze, format json) ${call}`,
    );
    plans.push(rows[0]!['QUERY PLAN'][0].Plan);
    await this.client.query('rollback to explained');
    return (await this.client.query(call)).rows as Row[];
  }
}

function literalOf(value: unknown): string {
  if (Array.isArray(value)) return `{${value.map((item) => JSON.stringify(item)).join(',')}}`;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** All nodes of plans. */
export function nodesOf(plans: readonly PlanNode[]): PlanNode[] {
  return plans.flatMap((plan) => [plan, ...nodesOf(plan.Plans ?? [])]);
}

/** Rows that the scans of each table have looked at, over all loops. */
export function rowsRead(plans: readonly PlanNode[]): Record<string, number> {
  const reads: Record<string, number> = {};
  for (const node of nodesOf(plans)) {
    const table = node['Relation Name'];
    if (table === undefined || !node['Node Type'].includes('Scan')) continue;
    const rows = (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'];
    reads[table] = (reads[table] ?? 0) + Math.round(rows);
  }
  return reads;
}
