import assert from 'node:assert/strict';
import {
  claimChanges,
  createChange,
  failChange,
  giveBackChange,
  noteResolution,
  renewClaims,
  retryChange,
  skipChange,
  type ChangeFailure,
} from '../../src/changes/index.js';
import { LocalHints } from '../../src/database/hints.js';
import { addRepo } from '../../src/repos/index.js';
import { advance, testDatabase } from '../support/database.js';
import { reposContext } from '../support/repos-context.js';

describe('a claim of a change', () => {
  const database = testDatabase();
  const failure: ChangeFailure = { code: 'PLAN_FAILED', message: 'a\0b\ud800', problems: [] };
  const resolved = { commit: 'a'.repeat(40), ref: null, branch: null };

  before(async () => {
    await addRepo(reposContext(database.pool), {
      org: 'org',
      name: 'repo',
      cloneUrl: '/srv/x',
      defaultBranch: 'main',
    });
  });

  async function create(): Promise<string> {
    const change = await createChange(database.pool, new LocalHints(), { repo: 'org/repo', event: 'push' });
    return change.id;
  }

  async function claim(): Promise<{ id: string; attempt: number }> {
    const [claimed, ...rest] = await claimChanges(database.pool, { limit: 10, leaseMs: 30_000 });
    assert.ok(claimed !== undefined && rest.length === 0);
    return { id: claimed.change.id, attempt: claimed.attempt };
  }

  async function rowOf(id: string): Promise<unknown> {
    const [row] = await database.query('select * from changes where id = $1', [id]);
    return row;
  }

  it('is over once another one took the change: none of its writes count', async () => {
    const id = await create();
    const old = await claim();
    await advance(database, '31 seconds');
    const current = await claim();
    const row = await rowOf(id);
    assert.equal(await noteResolution(database.pool, old, resolved), 'STALE');
    assert.equal(await skipChange(database.pool, old, 'x'), 'STALE');
    assert.equal(await failChange(database.pool, old, failure), 'STALE');
    assert.equal(await giveBackChange(database.pool, old), 'STALE');
    assert.equal(await retryChange(database.pool, old, { delayMs: 1000, failure }), 'STALE');
    assert.deepEqual(await renewClaims(database.pool, [old], 60_000), []);
    assert.deepEqual(await rowOf(id), row);
    assert.deepEqual(await renewClaims(database.pool, [old, current], 60_000), [current]);
    assert.equal(await noteResolution(database.pool, current, resolved), 'WRITTEN');
    assert.equal(await skipChange(database.pool, current, 'x'), 'WRITTEN');
  });

  it('holds as long as it is renewed', async () => {
    await create();
    const held = await claim();
    for (let round = 0; round < 3; round++) {
      await advance(database, '20 seconds');
      assert.equal((await renewClaims(database.pool, [held], 30_000)).length, 1);
      assert.deepEqual(await claimChanges(database.pool, { limit: 10, leaseMs: 30_000 }), []);
    }
    assert.equal(await failChange(database.pool, held, failure), 'WRITTEN');
  });

  it('writes failures with any text in them', async () => {
    const id = await create();
    assert.equal(await failChange(database.pool, await claim(), failure), 'WRITTEN');
    const [row] = await database.query('select error from changes where id = $1', [id]);
    assert.deepEqual(row, { error: { ...failure, message: 'a\uFFFDb\uFFFD' } });
  });

  it('waits for nobody: rows that another transaction holds are left to it', async () => {
    const [one, two] = [await create(), await create()];
    const client = await database.pool.connect();
    try {
      await client.query('begin');
      await client.query('select 1 from changes where id = $1 for update', [one]);
      assert.equal((await claim()).id, two);
    } finally {
      await client.query('rollback');
      client.release();
    }
  });
});
