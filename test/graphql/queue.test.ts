import assert from 'node:assert/strict';
import { QueueReader } from '../../src/dispatch/queue-reader.js';
import type { SetJobPriorityOutcome } from '../../src/graphql/services.js';
import { testDatabase } from '../support/database.js';
import { insertJob, insertRepo, insertWorker, type Rows } from './support/rows.js';
import { testApi } from './support/test-api.js';

describe('the queue in the API', () => {
  const database = testDatabase();
  let outcome: SetJobPriorityOutcome;
  const reader = () => new QueueReader({ db: database.pool, agingMs: 300_000 });
  const api = testApi(database, {
    placesInQueue: (jobIds) => reader().placesOf(jobIds),
    nextJobs: (request) => reader().next(request),
    setJobPriority: () => Promise.resolve(outcome),
  });
  let rows: Rows;
  const jobs: string[] = [];

  before('let three jobs wait', async () => {
    rows = await insertRepo(database, 'shop');
    await insertWorker(database, 'w-1');
    for (const number of [1, 2, 3]) jobs.push(await insertJob(database, rows, number));
  });

  it('lists what waits in the order of service, with what it waits for and how many are ahead', async () => {
    const { data, errors } = await api.ask(
      '{ queue { waiting next(first: 2) { id priority reason waiting { reason ahead until } } } }',
    );
    assert.deepEqual(errors, []);
    const waiting = (ahead: number) => ({ reason: 'WAITING', ahead, until: null });
    assert.deepEqual(data?.['queue'], {
      waiting: 3,
      next: [0, 1].map((index) => ({
        id: jobs[index],
        priority: 0,
        reason: 'WAITING',
        waiting: waiting(index),
      })),
    });
  });

  it('says of a node without a job how many dependencies it waits for', async () => {
    await database.query(
      `insert into group_projects (group_id, project_id, target, waiting_on, lane_id, spec_sha256, timeout_ms, vcs_url,
         vcs_commit)
       values ($1, $2, 'x86_64-linux', 2, $3, $4, 1000, 'https://example.org', $5)`,
      [rows.group, rows.project, rows.lane, rows.spec, 'a'.repeat(40)],
    );
    const { data } = await api.ask(
      'query ($id: ID!) { group(id: $id) { nodes { state waiting { reason ahead } } } }',
      { id: rows.group },
    );
    const { nodes } = data?.['group'] as { nodes: { state: string; waiting: unknown }[] };
    assert.deepEqual(
      new Map(nodes.map(({ state, waiting }) => [state, waiting])),
      new Map<string, unknown>([
        ['IN_PROGRESS', null],
        ['NOT_STARTED', { reason: 'WAITING_FOR_DEPENDENCIES', ahead: 2 }],
      ]),
    );
  });

  for (const first of [0, 101, -1]) {
    it(`refuses to list ${first}`, async () => {
      const { code } = await api.ask(`{ queue { next(first: ${first}) { id } } }`);
      assert.equal(code, 'VALIDATION_FAILED');
    });
  }

  const SET = 'mutation ($id: ID!, $priority: Int!) { setJobPriority(id: $id, priority: $priority) { id } }';

  for (const priority of [-11, 11]) {
    it(`refuses a priority of ${priority}`, async () => {
      assert.equal((await api.ask(SET, { id: jobs[0], priority })).code, 'VALIDATION_FAILED');
    });
  }

  for (const [state, isFinal, code] of [
    ['RUNNING', false, 'CONFLICT'],
    ['COMPLETE', true, 'ALREADY_FINAL'],
  ] as const) {
    it(`says ${code} where a job is ${state} by then`, async () => {
      outcome = { kind: 'NOT_WAITING', state, isFinal };
      const { errors } = await api.ask(SET, { id: jobs[0], priority: 1 });
      assert.equal(errors[0]?.extensions.code, code);
      assert.equal(errors[0]?.extensions['state'], state);
    });
  }
});
