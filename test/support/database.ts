import { randomBytes } from 'node:crypto';
import { Pool, type QueryResultRow } from 'pg';
import { eventually } from './eventually.js';
import { afterEverything } from './teardown.js';
import { onServer, testTemplate, urlOf } from './template.js';

export { advance } from './test-clock.js';

/**
 * A database of its own for one `describe`: call it in the body of a `describe`. It is cloned from the template (the
 * current schema and the test clock) before the first test there, and dropped after the last hook there. Connections
 * that the tests leave open fail the suite by name. `empty: true` gives a database without any schema.
 * @example
 * describe('claimJobs', () => {
 *   const database = testDatabase();
 *   it('gives one job to one of two racing replicas', async () => {
 *     await database.query('insert into jobs ...');
 */
export function testDatabase(options: { empty?: boolean } = {}): TestDatabase {
  const database = new TestDatabase();
  before('clone a test database', async function () {
    await database.open(options.empty === true ? 'template0' : await testTemplate());
    // Registered now and not above: so it runs after the hooks in which the suite closes what uses the database.
    this.test?.parent?.afterAll('drop the test database', () => database.close());
  });
  return database;
}

/** A PostgreSQL database for the tests of one suite; see {@link testDatabase}. */
export class TestDatabase {
  readonly #name = `slipway_test_${process.pid}_${randomBytes(6).toString('hex')}`;
  #open: { readonly url: string; readonly pool: Pool } | undefined;

  /** Address for what is tested: pg, TypeORM or another process. Usable from the first hook or test on. */
  get url(): string {
    return this.#opened.url;
  }

  /** Connections for the test itself; closed by the harness. */
  get pool(): Pool {
    return this.#opened.pool;
  }

  /** Runs one statement and gives its rows. */
  async query<Row extends QueryResultRow>(sql: string, parameters: unknown[] = []): Promise<Row[]> {
    return (await this.pool.query<Row>(sql, parameters)).rows;
  }

  /** Called by the harness. */
  async open(template: string): Promise<void> {
    await onServer(`create database ${this.#name} template ${template}`);
    const url = await urlOf(this.#name);
    const pool = new Pool({ connectionString: url, application_name: 'test', max: 20 });
    // Its end resolves before the sockets are closed: the forced drop then reaches clients that nobody listens to.
    pool.on('error', ignore).on('connect', (client) => client.on('error', ignore));
    this.#open = { url, pool };
  }

  /**
   * Called by the harness. Rejects when somebody is still connected. The database then stays until the whole run ends:
   * dropping it would bury the message under what the surprised connections throw.
   */
  async close(): Promise<void> {
    try {
      await eventually(() => this.#refuseStrangers(), { guardMs: 5000, what: 'an end of all connections' });
    } catch (error) {
      afterEverything(() => this.#drop());
      throw error;
    } finally {
      await this.pool.end();
    }
    await this.#drop();
  }

  #drop(): Promise<void> {
    return onServer(`drop database ${this.#name} with (force)`);
  }

  /** A closed connection leaves the server's list a moment later, hence the caller's patience. */
  async #refuseStrangers(): Promise<true> {
    const strangers = await this.query<{ application_name: string; query: string }>(
      `select application_name, left(query, 120) as query from pg_stat_activity
       where datname = current_database() and backend_type = 'client backend' and application_name <> 'test'`,
    );
    if (strangers.length === 0) return true;
    throw new Error(`left connected to ${this.#name}: ${JSON.stringify(strangers)}`);
  }

  get #opened(): { readonly url: string; readonly pool: Pool } {
    if (this.#open !== undefined) return this.#open;
    throw new Error(
      'the test database exists from the first `before` hook on, not in the body of `describe`',
    );
  }
}

function ignore(): void {}
