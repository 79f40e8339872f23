import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { DomainError, ErrorCode } from '../../src/base/errors.js';
import { createApiToken } from '../../src/tokens/index.js';
import { testDatabase } from '../support/database.js';
import { insertJob, insertRepo } from './support/rows.js';
import { testApi } from './support/test-api.js';

describe('errors of the API', () => {
  const database = testDatabase();
  let failure: Error;
  const api = testApi(database, {
    cancelJob: () => Promise.resolve({ kind: 'ALREADY_FINAL', state: 'COMPLETE' }),
    createChange: () => Promise.reject(failure),
  });
  const CREATE = 'mutation { createChange(input: {repo: "acme/shop", event: "push"}) { id } }';

  for (const field of ['job', 'build', 'group', 'change', 'worker']) {
    for (const id of [randomUUID(), 'no-uuid', '', '%', "' or true --"]) {
      it(`say NOT_FOUND for ${field} ${JSON.stringify(id.length === 36 ? 'unknown' : id)}`, async () => {
        const answer = await api.ask(`query ($id: ID!) { ${field}(id: $id) { id } }`, { id });
        assert.equal(answer.code, 'NOT_FOUND');
        assert.deepEqual(answer.data, { [field]: null });
        assert.match(answer.errors[0]?.extensions.requestId ?? '', /^[0-9a-f-]{36}$/);
      });
    }
  }

  it('say what has ended already', async () => {
    const job = await insertJob(database, await insertRepo(database, 'ended'), 1);
    const { code, errors } = await api.ask('mutation ($id: ID!) { cancelJob(id: $id) { id } }', { id: job });
    assert.equal(code, 'ALREADY_FINAL');
    assert.equal(errors[0]?.extensions['state'], 'COMPLETE');
  });

  for (const code of Object.values(ErrorCode).filter((code) => code !== 'INTERNAL')) {
    it(`carry ${code} with its details`, async () => {
      failure = new DomainError(code, 'what was wrong', { problems: [1] });
      const { errors, status } = await api.ask(CREATE);
      assert.equal(errors[0]?.message, 'what was wrong');
      assert.equal(errors[0].extensions.code, code);
      assert.deepEqual(errors[0].extensions['problems'], [1]);
      assert.equal(status, 200);
    });
  }

  for (const thrown of [new Error('select secret'), new DomainError('INTERNAL', 'secret'), 'secret', null]) {
    it(`say nothing of ${String(thrown)}`, async () => {
      failure = thrown as Error;
      const answer = await api.ask(CREATE);
      assert.equal(answer.code, 'INTERNAL');
      assert.doesNotMatch(JSON.stringify(answer), /secret|at \w+ \(/);
    });
  }

  it('say STORE_UNAVAILABLE when the database is away', async () => {
    failure = Object.assign(new Error('terminating connection'), { code: '57P01' });
    assert.equal((await api.ask(CREATE)).code, 'STORE_UNAVAILABLE');
  });

  const documents: Record<string, [query: string, code: string]> = {
    'a syntax error': ['{', 'GRAPHQL_PARSE_FAILED'],
    'an unknown field': ['{ nothing }', 'GRAPHQL_VALIDATION_FAILED'],
    'a wrong variable': ['query ($id: ID!) { job(id: $id) { id } }', 'BAD_USER_INPUT'],
    'a page of 0': ['{ jobs(first: 0) { nodes { id } } }', 'VALIDATION_FAILED'],
    'a page of 101': ['{ jobs(first: 101) { nodes { id } } }', 'VALIDATION_FAILED'],
    'a repo without a slash': ['{ jobByNumber(repo: "shop", number: 1) { id } }', 'VALIDATION_FAILED'],
    'an unknown repo': ['{ repo(org: "acme", name: "none") { id } }', 'NOT_FOUND'],
    'an unknown number': ['{ jobByNumber(repo: "acme/none", number: 1) { id } }', 'NOT_FOUND'],
    'neither id nor hostname': ['{ worker { id } }', 'VALIDATION_FAILED'],
    'a wrong log cursor': [
      `{ logSlices(build: "${randomUUID()}", after: "x") { isFinal } }`,
      'VALIDATION_FAILED',
    ],
    'the log of no build': [`{ logSlices(build: "${randomUUID()}") { isFinal } }`, 'NOT_FOUND'],
    'a worker operation': ['mutation { reportReady { ok } }', 'UNAUTHENTICATED'],
    'a repo named twice': [
      'mutation { addRepo(input: {org: "a", name: "b", fullName: "a/b", cloneUrl: "/x"}) { id } }',
      'VALIDATION_FAILED',
    ],
  };
  for (const [what, [query, code]] of Object.entries(documents)) {
    it(`say ${code} for ${what}, on both transports`, async () => {
      assert.equal((await api.ask(query)).code, code);
      const client = await api.person();
      const { payload } = await client.run(query);
      const errors = payload?.errors ?? (payload as unknown as { extensions: { code: string } }[]);
      assert.equal(errors[0]?.extensions.code, code);
    });
  }

  describe('about rights', () => {
    const closed = [
      '{ jobs { nodes { id } } }',
      '{ __schema { queryType { name } } }',
      'query { ...on Query { queue { waiting } } }',
    ];
    for (const query of closed) {
      it(`say UNAUTHENTICATED to anybody who asks ${query}`, async () => {
        const { code, status } = await api.ask(query, {}, null);
        assert.deepEqual([code, status], ['UNAUTHENTICATED', 401]);
      });
    }

    for (const query of [
      '{ version }',
      '{ me { kind } }',
      '{ workerChallenge(workerId: "x") { challenge } }',
    ]) {
      it(`let anybody ask ${query}`, async () => {
        assert.deepEqual((await api.ask(query, {}, null)).errors, []);
      });
    }

    it('are the same for every token that is not good', async () => {
      const { token } = await createApiToken(api.pool, { name: 'old', scopes: ['admin'], lifeS: 1 });
      await database.query(`update api_tokens set expires_at = now() - interval '1 s' where name = 'old'`);
      const answers = [];
      for (const bad of [token, 'swu_x', `${api.token.slice(0, -1)}!`, 'x'.repeat(3000)]) {
        const { errors, status } = await api.ask('{ me { kind } }', {}, bad);
        answers.push([status, errors[0]?.message, errors[0]?.extensions.code]);
      }
      assert.equal(new Set(answers.map((answer) => JSON.stringify(answer))).size, 1);
      assert.deepEqual([answers[0]?.[0], answers[0]?.[2]], [401, 'UNAUTHENTICATED']);
    });

    it('say FORBIDDEN when the scopes do not reach', async () => {
      const { token } = await createApiToken(api.pool, { name: 'reader', scopes: ['read'], lifeS: 60 });
      assert.deepEqual((await api.ask('{ queue { waiting } }', {}, token)).errors, []);
      assert.equal((await api.ask(CREATE, {}, token)).code, 'FORBIDDEN');
    });
  });
});
