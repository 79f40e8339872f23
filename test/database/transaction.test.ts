import assert from 'node:assert/strict';
import { Pool } from 'pg';
import { inTransaction } from '../../src/database/transaction.js';
import { testDatabase } from '../support/database.js';

describe('inTransaction', () => {
  const database = testDatabase();
  let pool: Pool;

  before(async () => {
    pool = new Pool({ connectionString: database.url, max: 1 });
    pool.on('error', () => undefined);
    await database.query('create table notes (text text)');
  });
  after(() => pool.end());
  afterEach(() => database.query('delete from notes'));

  const notes = () => database.query('select text from notes');

  it('keeps what its work has written, and nothing of one that fails', async () => {
    await inTransaction(pool, (db) => db.query(`insert into notes values ('kept')`));
    const failing = inTransaction(pool, async (db) => {
      await db.query(`insert into notes values ('lost')`);
      throw new Error('the work fails');
    });
    await assert.rejects(failing, /the work fails/);
    assert.deepEqual(await notes(), [{ text: 'kept' }]);
  });

  it('rejects when its connection ends between two queries, and the next one has another connection', async () => {
    const cut = inTransaction(pool, async (db) => {
      const { rows } = await db.query<{ pid: number }>('select pg_backend_pid() as pid');
      await db.query(`insert into notes values ('lost')`);
      const client = db as unknown as NodeJS.EventEmitter;
      // Not `once`, which listens for errors as well: nobody but the transaction may.
      const ended = new Promise((resolve) => client.once('end', resolve));
      await database.query('select pg_terminate_backend($1)', [rows[0]?.pid]);
      await ended;
      return db.query('select 1');
    });
    await assert.rejects(cut, /terminat|not queryable|closed/i);
    assert.deepEqual(await notes(), []);
    await inTransaction(pool, (db) => db.query(`insert into notes values ('kept')`));
    assert.deepEqual(await notes(), [{ text: 'kept' }]);
  });
});
