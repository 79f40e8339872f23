import assert from 'node:assert/strict';
import type { Transaction } from '../../src/database/hot-connection.js';
import { writeChunks } from '../../src/dispatch/append-logs.queries.js';
import { testDatabase } from '../support/database.js';

describe('the plan by which log chunks are stored', () => {
  const database = testDatabase();

  /** As a hot connection plans it: once, generically, in tables that are empty. */
  async function plan(): Promise<string> {
    let text = '';
    const transaction: Transaction = {
      run: (statement) => {
        ({ text } = statement);
        return Promise.resolve([]);
      },
      commit: () => Promise.resolve(),
    };
    await writeChunks(transaction, [], { stepBytes: 1, buildBytes: 1 });
    const client = await database.pool.connect();
    try {
      await client.query(`begin; set local enable_seqscan = off; set local enable_bitmapscan = off;
        set local plan_cache_mode = force_generic_plan; set local random_page_cost = 1.1`);
      await client.query(`prepare append as ${text}`);
      const { rows } = await client.query<{ 'QUERY PLAN': string }>(
        `explain execute append('{}', '{}', '{}', '{}', '{}', '{}', '{}', '', 1, 1)`,
      );
      await client.query('deallocate append; rollback');
      return rows.map((row) => row['QUERY PLAN']).join('\n');
    } finally {
      client.release();
    }
  }

  it('looks up every row by its key, and loops over nothing twice', async () => {
    const text = await plan();
    const indexes = [...text.matchAll(/Scan using (\w+)/g)].map(([, name]) => name);
    assert.deepEqual([...new Set(indexes)].sort(), [
      'builds_pkey',
      'busy_workers_build_id_key',
      'log_chunks_pkey',
      'step_logs_pkey',
    ]);
    assert.doesNotMatch(text, /Seq Scan|Anti Join|Join Filter/);
  });
});
