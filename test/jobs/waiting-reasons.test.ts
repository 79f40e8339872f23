import assert from 'node:assert/strict';
import { findWaitingReasons } from '../../src/jobs/index.js';
import { insertBuild, insertJob, insertRepo, insertWorker, type Rows } from '../graphql/support/rows.js';
import { testDatabase } from '../support/database.js';

describe('findWaitingReasons', () => {
  const database = testDatabase();
  let rows: Rows;
  let job: string;

  before('make a job', async () => {
    rows = await insertRepo(database, 'shop');
    job = await insertJob(database, rows, 1);
  });

  async function reason(): Promise<string | undefined> {
    return (await findWaitingReasons(database.pool, [job])).get(job)?.reason;
  }

  // In the order of a job's life: each test leaves what the next one begins with.
  it('says that no worker of the target is there', async () => {
    assert.equal(await reason(), 'NO_WORKER_FOR_TARGET');
  });

  it('says that no worker has the labels', async () => {
    await insertWorker(database, 'w-1');
    await database.query(`update lanes set requirements = '{"size": "huge"}'`);
    assert.equal(await reason(), 'NO_MATCHING_LABELS');
    await database.query(`update lanes set requirements = '{"size": "large"}'`);
    assert.equal(await reason(), 'WAITING');
  });

  it('says that no pool serves the repo', async () => {
    await database.query(`update pools set allow_repos = '{acme/other}'`);
    assert.equal(await reason(), 'NO_MATCHING_LABELS');
    await database.query(`update pools set allow_repos = '{acme/*}'`);
    assert.equal(await reason(), 'WAITING');
  });

  it('says that each worker that could take it is left alone after a failure', async () => {
    await database.query(
      `insert into work_backoff (worker_id, process, until, cause, last_interval_s, failures)
       select id, 'BUILD', slipway_now() + interval '1 minute', 'LOST', 60, 1 from workers`,
    );
    const wait = (await findWaitingReasons(database.pool, [job])).get(job);
    assert.equal(wait?.reason, 'BACKOFF');
    const [row] = await database.query<{ until: Date }>('select until from work_backoff');
    assert.deepEqual(wait.until, row?.until);
    await database.query(`update work_backoff set until = slipway_now()`);
    assert.equal(await reason(), 'WAITING');
  });

  it('says that all workers are busy, or that the repo is at its limit', async () => {
    const worker = await insertWorker(database, 'w-2');
    await database.query(`update worker_sessions set accepts_work = worker_id = $1`, [worker.worker]);
    for (const slot of [0, 1]) {
      const busy = await insertJob(database, rows, 10 + slot);
      await insertBuild(database, { job: busy, repo: rows.repo, slot, ...worker });
    }
    assert.equal(await reason(), 'ALL_WORKERS_BUSY');
    await database.query('update repos set build_limit = 2');
    assert.equal(await reason(), 'REPO_LIMIT');
  });

  it('says that the concurrency group is full', async () => {
    const [group] = await database.query<{ id: string }>(
      `insert into concurrency_groups (repo_id, key, trusted, build_limit, strategy)
       values ($1, 'deploy', true, 3, 'queue') returning id`,
      [rows.repo],
    );
    await database.query('update lanes set concurrency_group_id = $1', [group!.id]);
    await database.query('update busy_workers set concurrency_group_id = $1', [group!.id]);
    assert.equal(await reason(), 'REPO_LIMIT');
    await database.query('update concurrency_groups set build_limit = 2');
    assert.equal(await reason(), 'CONCURRENCY_GROUP');
  });

  it('says that it is tried again later, and when', async () => {
    await database.query(`update jobs set ready_at = now() + interval '1 hour' where id = $1`, [job]);
    const wait = (await findWaitingReasons(database.pool, [job])).get(job);
    assert.equal(wait?.reason, 'BACKOFF');
    const [row] = await database.query<{ ready_at: Date }>('select ready_at from jobs where id = $1', [job]);
    assert.deepEqual(wait.until, row?.ready_at);
  });

  it('says nothing of a job that does not wait', async () => {
    await database.query(`update jobs set state = 'PROCESSING' where id = $1`, [job]);
    assert.equal(await reason(), undefined);
  });
});
