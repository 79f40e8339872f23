import assert from 'node:assert/strict';
import { testDatabase } from '../support/database.js';
import { insertBuild, insertJob, insertRepo, insertWorker } from './support/rows.js';
import { testApi } from './support/test-api.js';

describe('the API for people', () => {
  const database = testDatabase();
  const api = testApi(database);

  it('shows a job with everything around it', async () => {
    const rows = await insertRepo(database, 'shop');
    const job = await insertJob(database, rows, 17);
    const worker = await insertWorker(database, 'w-1');
    const build = await insertBuild(database, { job, repo: rows.repo, slot: 0, ...worker });
    await database.query(
      `insert into steps (build_id, number, name, status) values ($1, 0, 'init', 'SUCCESS'), ($1, 1, 'clone', 'RUNNING')`,
      [build],
    );
    const { data, errors } = await api.ask(
      `query ($id: ID!) { job(id: $id) {
        number state attempt reason target event branch commit createdAt
        repo { fullName org } project { name } group { state change { event groups { id } jobs { id } } nodes { state job { id } } }
        currentBuild { id status steps { id number name status } }
        builds { job { id } worker { hostname } }
        worker { hostname status runningBuildIds labels { name value } pool { name } lastCheckedInAt }
      } }`,
      { id: job },
    );
    assert.deepEqual(errors, []);
    const shown = data?.['job'] as Record<string, Record<string, unknown>>;
    assert.equal(shown['number'], 17);
    assert.deepEqual(shown['repo'], { fullName: 'acme/shop', org: 'acme' });
    assert.deepEqual(shown['currentBuild'], {
      id: build,
      status: 'RUNNING',
      steps: [
        { id: `${build}:0`, number: 0, name: 'init', status: 'SUCCESS' },
        { id: `${build}:1`, number: 1, name: 'clone', status: 'RUNNING' },
      ],
    });
    assert.deepEqual(shown['worker']?.['runningBuildIds'], [build]);
    assert.deepEqual(shown['worker']?.['labels'], [{ name: 'size', value: 'large' }]);
    assert.ok(shown['worker']?.['lastCheckedInAt']);
  });
});
