import { Client, type QueryResult, type QueryResultRow } from 'pg';
import type { Logger } from '../base/logger.js';
import { DomainError, ErrorCode } from '../base/errors.js';
import type { Statement } from './statement.js';

/**
 * Settings of the connections of the hot path. A plan that was made while a table was empty would stay a sequential
 * scan for the life of the connection (measured: 30 times slower), hence no sequential scans and generic plans.
 */
const SESSION_SETTINGS = `
  set enable_seqscan = off;
  set enable_bitmapscan = off;
  set plan_cache_mode = force_generic_plan;
  set random_page_cost = 1.1;
  set jit = off;
  set lock_timeout = '5s';
  set statement_timeout = '15s';
  set idle_in_transaction_session_timeout = '10s'`;

/**
 * One transaction on a {@link HotConnection}. Statements that are issued without awaiting the one before travel
 * together: PostgreSQL runs them in order and answers them all in one round trip.
 */
export interface Transaction {
  run<Row extends QueryResultRow>(statement: Statement<Row>, values: unknown[]): Promise<Row[]>;
  /** Commits together with what was issued before; for the last flight. Otherwise the transaction commits at its end. */
  commit(): Promise<void>;
}

/**
 * A single PostgreSQL connection in pipeline mode that reconnects when it was lost. Its one user runs one transaction
 * at a time (the batchers do); a second one waits for the first.
 */
export class HotConnection {
  #client: Client | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(private readonly options: { url: string; name: string; logger: Logger }) {}

  /** Runs `work` in a transaction. Rolled back when it throws; the error is the first one that happened. */
  transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    const result = this.#last.then(() => this.#run(work));
    this.#last = result.catch(() => undefined);
    return result;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#last;
    await this.#client?.end();
    this.#client = undefined;
  }

  async #run<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    const client = await this.#connected();
    const running = new RunningTransaction(client);
    try {
      const result = await work(running);
      await running.commit();
      return result;
    } catch (error) {
      await this.#rollback(client);
      throw running.firstError ?? error;
    }
  }

  async #rollback(client: Client): Promise<void> {
    try {
      await client.query('rollback');
    } catch (error) {
      this.options.logger.warn({ err: error, connection: this.options.name }, 'database connection given up');
      this.#forget(client);
      await client.end().catch(() => undefined);
    }
  }

  async #connected(): Promise<Client> {
    if (this.#closed) throw new DomainError(ErrorCode.STORE_UNAVAILABLE, 'the server is stopping');
    return (this.#client ??= await this.#connect());
  }

  async #connect(): Promise<Client> {
    const client = new Client({
      connectionString: this.options.url,
      application_name: `slipway ${this.options.name}`,
      pipeline: true,
      connectionTimeoutMillis: 5_000,
      keepAlive: true,
    });
    client.on('error', (error) => {
      this.options.logger.warn({ err: error, connection: this.options.name }, 'database connection lost');
      this.#forget(client);
    });
    client.on('end', () => this.#forget(client));
    await client.connect();
    await client.query(SESSION_SETTINGS);
    return client;
  }

  #forget(client: Client): void {
    if (this.#client === client) this.#client = undefined;
  }
}

class RunningTransaction implements Transaction {
  firstError: Error | undefined;
  #committed: Promise<void> | undefined;
  #isFlightOpen = false;

  constructor(private readonly client: Client) {
    this.#joinFlight();
    void this.#watch(client.query('begin'));
  }

  async run<Row extends QueryResultRow>(statement: Statement<Row>, values: unknown[]): Promise<Row[]> {
    const { name, text } = statement;
    this.#joinFlight();
    const { rows } = await this.#watch(this.client.query<Row>({ name, text, values }));
    return rows;
  }

  commit(): Promise<void> {
    this.#committed ??= this.#commit();
    return this.#committed;
  }

  async #commit(): Promise<void> {
    this.#joinFlight();
    const { command } = await this.#watch(this.client.query('commit'));
    // PostgreSQL answers ROLLBACK, without an error, when a statement of the transaction had failed.
    if (command !== 'COMMIT') throw this.firstError ?? new Error(`commit was answered ${command}`);
  }

  /**
   * Statements of one turn leave in one write: a write for each woke PostgreSQL as often, and was the largest part of
   * the server's own CPU.
   */
  #joinFlight(): void {
    if (this.#isFlightOpen) return;
    this.#isFlightOpen = true;
    const { stream } = this.client.connection;
    stream.cork();
    process.nextTick(() => {
      this.#isFlightOpen = false;
      stream.uncork();
    });
  }

  /** The first failure is the reason; those behind it only say that the transaction is aborted. */
  #watch<R extends QueryResult>(query: Promise<R>): Promise<R> {
    query.catch((error: unknown) => {
      this.firstError ??= error instanceof Error ? error : new Error(String(error));
    });
    return query;
  }
}
