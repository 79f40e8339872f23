import assert from 'node:assert/strict';
import { Client } from 'pg';
import { deferred } from '../../src/base/deferred.js';
import { silentLogger } from '../../src/base/logger.js';
import { Batcher } from '../../src/database/batcher.js';
import { HotConnection } from '../../src/database/hot-connection.js';
import { statement } from '../../src/database/statement.js';
import { testDatabase } from '../support/database.js';

interface Item {
  readonly key: string;
  readonly value: string;
}

const insertItems = statement<{ key: string }>(`
  insert into items (key, value) select * from unnest($1::text[], $2::text[]) on conflict (key) do nothing returning key`);

describe('Batcher', () => {
  const database = testDatabase({ empty: true });
  let connection: HotConnection;
  let batches: number[];
  let batcher: Batcher<Item, string>;

  beforeEach(async () => {
    await database.query(`
      drop table if exists items; create table items (key text primary key, value text not null check (value <> 'bad'))`);
    connection = new HotConnection({ url: database.url, name: 'batch', logger: silentLogger });
    batches = [];
    batcher = new Batcher({
      name: 'test',
      keyOf: ({ key }) => key,
      run: (items) =>
        connection.transaction(async (transaction) => {
          batches.push(items.length);
          await transaction.run(insertItems, [items.map(({ key }) => key), items.map(({ value }) => value)]);
          return items.map(({ key }) => `stored ${key}`);
        }),
    });
  });

  afterEach(() => connection.close());

  const add = (index: number, value = 'good') => batcher.add({ key: `k${index}`, value });
  const stored = async () => (await database.query('select key from items')).length;

  for (const [name, value] of [
    ['that breaks a constraint', 'bad'],
    ['with a NUL byte', 'a\0'],
  ] as const) {
    it(`fails only the caller of a row ${name}: 99 others are stored`, async () => {
      const outcomes = await Promise.allSettled(
        Array.from({ length: 100 }, (_, index) => add(index, index === 37 ? value : 'good')),
      );
      const failed = outcomes.flatMap((outcome, index) => (outcome.status === 'rejected' ? [index] : []));
      assert.deepEqual(failed, [37]);
      assert.equal(await stored(), 99);
      // By halving: some 2 × log2(100) transactions, not a hundred.
      assert.ok(batches.length < 20, `${batches.length} transactions`);
    });
  }

  it('makes one batch of what arrives together, and the next of what arrives meanwhile', async () => {
    await Promise.all(Array.from({ length: 50 }, (_, index) => add(index)));
    assert.deepEqual(batches, [50]);
  });

  it('never puts two items of one key into a batch, and keeps their order', async () => {
    const order: string[] = [];
    const values = ['a', 'b', 'c'];
    await Promise.all(values.map((value) => batcher.add({ key: 'k', value }).then(() => order.push(value))));
    assert.deepEqual(batches, [1, 1, 1]);
    assert.deepEqual(order, values);
    assert.deepEqual(await database.query('select value from items'), [{ value: 'a' }]);
  });

  it('runs a batch again that met a lock for too long or a deadlock', async () => {
    let runs = 0;
    const stubborn = new Batcher<string, string>({
      name: 'test',
      keyOf: (item) => item,
      run: (items) =>
        connection.transaction(async (transaction) => {
          runs += 1;
          if (runs <= 2) await transaction.run(statement(`do $$ begin raise sqlstate '40P01'; end $$`), []);
          return items;
        }),
    });
    assert.equal(await stubborn.add('x'), 'x');
    assert.equal(runs, 3);
  });

  it('runs a batch again whose connection was lost after its commit, which changes nothing twice', async () => {
    const committed = deferred<void>();
    let runs = 0;
    const interrupted = new Batcher<Item, string>({
      name: 'test',
      keyOf: ({ key }) => key,
      run: async (items) => {
        runs += 1;
        const keys = await connection.transaction((transaction) =>
          transaction.run(insertItems, [items.map(({ key }) => key), items.map(({ value }) => value)]),
        );
        if (runs === 1) {
          committed.resolve();
          await terminate();
          // The commit's answer never came: this is what the next statement on the lost connection says.
          await connection.transaction((transaction) => transaction.run(statement('select 1'), []));
          throw Object.assign(new Error('Connection terminated unexpectedly'), {});
        }
        return keys.map(({ key }) => key).concat(items.map(({ key }) => `had ${key}`));
      },
    });
    assert.equal(await interrupted.add({ key: 'once', value: 'v' }), 'had once');
    assert.equal(await stored(), 1);
    assert.ok(runs >= 2);
  });

  it('tells its callers STORE_UNAVAILABLE when there is no database, and works again with the next one', async () => {
    const nowhere = new HotConnection({
      url: 'postgres://127.0.0.1:1/none',
      name: 'none',
      logger: silentLogger,
    });
    const lost = new Batcher<string, string>({
      name: 'test',
      keyOf: (item) => item,
      maxRetries: 1,
      run: (items) => nowhere.transaction(() => Promise.resolve(items)),
    });
    await assert.rejects(lost.add('a'), { code: 'STORE_UNAVAILABLE' });
    await assert.rejects(lost.add('b'), { code: 'STORE_UNAVAILABLE' });
    await nowhere.close();
  });

  async function terminate(): Promise<void> {
    const client = new Client({ connectionString: database.url, application_name: 'test' });
    await client.connect();
    await client.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where application_name = 'slipway batch' and datname = current_database()`,
    );
    await client.end();
  }
});
