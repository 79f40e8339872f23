import assert from 'node:assert/strict';
import { silentLogger } from '../../src/base/logger.js';
import { storeFailure } from '../../src/database/failures.js';
import { HotConnection } from '../../src/database/hot-connection.js';
import { statement } from '../../src/database/statement.js';
import { testDatabase } from '../support/database.js';

const write = statement('insert into notes values ($1)');
const divide = statement<{ value: number }>('select 1 / $1::integer as value');

describe('HotConnection', () => {
  const database = testDatabase({ empty: true });
  let connection: HotConnection;

  beforeEach(async () => {
    await database.query('drop table if exists notes; create table notes (id integer primary key)');
    connection = new HotConnection({ url: database.url, name: 'hot', logger: silentLogger });
  });

  afterEach(() => connection.close());

  const notes = async () =>
    (await database.query<{ id: number }>('select id from notes order by id')).map(({ id }) => id);

  it('commits what a transaction wrote, and rolls all of it back when one statement fails', async () => {
    await connection.transaction((tx) => tx.run(write, [1]));
    const failed = connection.transaction((tx) =>
      Promise.all([tx.run(write, [2]), tx.run(divide, [0]), tx.run(write, [3]), tx.commit()]),
    );
    await assert.rejects(failed, { code: '22012' });
    await connection.transaction((tx) => tx.run(write, [4]));
    assert.deepEqual(await notes(), [1, 4]);
  });

  it('rolls back what its caller gives up', async () => {
    const given = connection.transaction(async (tx) => {
      await tx.run(write, [1]);
      throw new Error('never mind');
    });
    await assert.rejects(given, /never mind/);
    assert.deepEqual(await notes(), []);
  });

  it('runs one transaction after the other', async () => {
    const order: string[] = [];
    await Promise.all(
      ['a', 'b'].map((name) =>
        connection.transaction(async (tx) => {
          order.push(`${name} begins`);
          await tx.run(divide, [1]);
          order.push(`${name} ends`);
        }),
      ),
    );
    assert.deepEqual(order, ['a begins', 'a ends', 'b begins', 'b ends']);
  });

  it('says that a lost connection is one, and connects anew', async () => {
    const lost = connection.transaction(async (tx) => {
      await tx.run(write, [1]);
      await database.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where application_name = 'slipway hot' and datname = current_database()`,
      );
      await tx.run(write, [2]);
    });
    const error: unknown = await lost.catch((reason: unknown) => reason);
    assert.equal(storeFailure(error), 'UNREACHABLE');
    await connection.transaction((tx) => tx.run(write, [3]));
    assert.deepEqual(await notes(), [3]);
  });

  it('takes nothing any more once it is closed', async () => {
    await connection.close();
    await assert.rejects(
      connection.transaction(() => Promise.resolve()),
      { code: 'STORE_UNAVAILABLE' },
    );
  });
});

describe('storeFailure', () => {
  for (const [code, failure] of [
    ['22021', 'BAD_ROW'],
    ['23505', 'BAD_ROW'],
    ['P0001', 'BAD_ROW'],
    ['40001', 'CONTENTION'],
    ['40P01', 'CONTENTION'],
    ['55P03', 'CONTENTION'],
    ['57P01', 'UNREACHABLE'],
    ['08006', 'UNREACHABLE'],
    ['ECONNREFUSED', 'UNREACHABLE'],
    ['42601', 'DEFECT'],
  ] as const) {
    it(`takes ${code} for ${failure}, also under TypeORM's own error`, () => {
      assert.equal(storeFailure(Object.assign(new Error('x'), { code })), failure);
      assert.equal(storeFailure(Object.assign(new Error('x'), { driverError: { code } })), failure);
    });
  }

  it('takes anything else for a defect', () => {
    for (const error of [undefined, null, 'x', new Error('x'), {}])
      assert.equal(storeFailure(error), 'DEFECT');
    assert.equal(storeFailure(new Error('Connection terminated unexpectedly')), 'UNREACHABLE');
  });
});
