import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createApiToken, revokeApiToken } from '../../../src/tokens/index.js';
import { testDatabase } from '../../support/database.js';
import {
  insertBuild,
  insertJob,
  insertLogChunk,
  insertRepo,
  insertWorker,
  type Rows,
} from '../support/rows.js';
import type { SocketClient } from '../support/socket-client.js';
import { testApi } from '../support/test-api.js';

describe('what people follow', () => {
  const database = testDatabase();
  const api = testApi(database);
  let rows: Rows;
  let job: string;

  before('make a job', async () => {
    rows = await insertRepo(database, 'shop');
    job = await insertJob(database, rows, 1);
  });

  function hint(): void {
    api.hints.publish('job.updated', { job, group: rows.group, repo: rows.repo });
  }

  async function nextData(client: SocketClient): Promise<unknown> {
    return (await client.next())?.payload?.data;
  }

  it('is a job as it is now, and whenever its row differs', async () => {
    const client = await api.person();
    client.subscribe('subscription ($job: ID!) { jobUpdated(job: $job) { state worker { hostname } } }', {
      job,
    });
    assert.deepEqual(await nextData(client), { jobUpdated: { state: 'PENDING', worker: null } });
    hint();
    await database.query(`update jobs set state = 'PROCESSING', updated_at = now() where id = $1`, [job]);
    hint();
    assert.deepEqual(await nextData(client), { jobUpdated: { state: 'PROCESSING', worker: null } });
  });

  it('is the jobs of a repo, by hints that are checked', async () => {
    const other = await insertRepo(database, 'other');
    const client = await api.person();
    client.subscribe('subscription { jobUpdated(repo: "acme/other") { id } }');
    // An answer to a later operation shows that the subscription is there.
    await client.run('{ version }');
    const own = await insertJob(database, other, 1);
    for (;;) {
      // Forged: it says that the job is of the followed repo.
      api.hints.publish('job.updated', { job, group: rows.group, repo: other.repo });
      api.hints.publish('job.updated', { job: own, group: other.group, repo: other.repo });
      const message = await client.next();
      if (message?.type !== 'next') continue;
      assert.deepEqual(message.payload?.data, { jobUpdated: { id: own } });
      break;
    }
  });

  it('is NOT_FOUND for a job that is not there', async () => {
    const client = await api.person();
    const { payload } = await client.run(`subscription { jobUpdated(job: "${randomUUID()}") { id } }`);
    assert.equal((payload as unknown as { extensions: { code: string } }[])[0]?.extensions.code, 'NOT_FOUND');
  });

  it('is the queue', async () => {
    const client = await api.person();
    client.subscribe('subscription { queueUpdated { waiting active } }');
    const { queueUpdated } = (await nextData(client)) as { queueUpdated: { waiting: number } };
    await insertJob(database, rows, 99);
    hint();
    assert.deepEqual(await nextData(client), {
      queueUpdated: { waiting: queueUpdated.waiting + 1, active: 0 },
    });
  });

  it('is a log, to its end', async () => {
    const worker = await insertWorker(database, 'w-1');
    const build = await insertBuild(database, { job, repo: rows.repo, slot: 0, ...worker });
    await insertLogChunk(database, { build, step: 0, seq: 0, data: 'one' });
    const client = await api.person();
    client.subscribe('subscription ($build: ID!) { logLines(build: $build) { step seq text cursor } }', {
      build,
    });
    assert.deepEqual(await nextData(client), {
      logLines: { step: 0, seq: 0, text: 'one', cursor: '0:0' },
    });
    await insertLogChunk(database, { build, step: 0, seq: 1, data: 'two' });
    await database.query(
      `update builds set status = 'SUCCESS', finished_at = now(), log_lengths = '[{"step": 0, "lastSeq": 1}]' where id = $1`,
      [build],
    );
    api.hints.publish('log.appended', { build });
    assert.deepEqual(await nextData(client), {
      logLines: { step: 0, seq: 1, text: 'two', cursor: '0:1' },
    });
    assert.equal((await client.next())?.type, 'complete');
  });

  it('ends when the token is revoked', async () => {
    const { token, tokenId } = await createApiToken(api.pool, { name: 'short', scopes: ['read'], lifeS: 60 });
    const client = await api.person(token);
    client.subscribe('subscription ($job: ID!) { jobUpdated(job: $job) { id } }', { job });
    assert.equal((await client.next())?.type, 'next');
    await revokeApiToken(api.pool, tokenId);
    hint();
    const message = await client.next();
    assert.equal(message?.type, 'error');
    assert.equal(
      (message.payload as unknown as { extensions: { code: string } }[])[0]?.extensions.code,
      'UNAUTHENTICATED',
    );
  });
});
