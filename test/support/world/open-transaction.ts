import { Client, type QueryResultRow } from 'pg';
import type { TestDatabase } from '../database.js';
import { eventually } from '../eventually.js';

/** A transaction of the test's own that holds its locks until it is told to let go: races get a certain order. */
export class OpenTransaction {
  private constructor(private readonly client: Client) {}

  /** Begins a transaction and runs one statement in it, for the locks that this takes. */
  static async holding(
    database: TestDatabase,
    sql: string,
    parameters: unknown[] = [],
  ): Promise<OpenTransaction> {
    const client = new Client({ connectionString: database.url, application_name: 'rival' });
    await client.connect();
    await client.query('begin');
    const open = new OpenTransaction(client);
    await open.query(sql, parameters);
    return open;
  }

  async query<Row extends QueryResultRow>(sql: string, parameters: unknown[] = []): Promise<Row[]> {
    return (await this.client.query<Row>(sql, parameters)).rows;
  }

  async commit(): Promise<void> {
    await this.client.query('commit');
    await this.client.end();
  }

  async rollback(): Promise<void> {
    await this.client.query('rollback');
    await this.client.end();
  }
}

/** Resolves once `count` connections of that name (`settle`, `claim`, …) wait for a lock. */
export async function untilBlocked(database: TestDatabase, name: string, count = 1): Promise<void> {
  await eventually(
    async () => {
      const [row] = await database.query<{ blocked: number }>(
        `select count(*)::integer as blocked from pg_stat_activity
         where datname = current_database() and application_name = $1 and wait_event_type = 'Lock'`,
        [`slipway ${name}`],
      );
      return row?.blocked === count;
    },
    { what: `${count} connections named ${name} wait for a lock` },
  );
}

/** Deadlocks that PostgreSQL has broken in this database so far. */
export async function countDeadlocks(database: TestDatabase): Promise<number> {
  // What a backend has counted is published when it is idle or asked for; ours is asked for here.
  const [row] = await database.query<{ deadlocks: number }>(
    `select deadlocks::integer from pg_stat_database, pg_stat_force_next_flush() where datname = current_database()`,
  );
  return row?.deadlocks ?? 0;
}
