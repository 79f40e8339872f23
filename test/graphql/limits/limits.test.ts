import assert from 'node:assert/strict';
import { getIntrospectionQuery, parse, validate } from 'graphql';
import { apiSchema } from '../../../src/graphql/index.js';
import { LIMIT_RULES } from '../../../src/graphql/limits/limit-rules.js';
import { testDatabase } from '../../support/database.js';
import type { ApiError } from '../support/socket-client.js';
import { testApi } from '../support/test-api.js';

const JOB = 'id repo { fullName } project { name } builds { worker { id } steps { id } } worker { hostname }';
const TOO_LARGE: Record<string, string> = {
  depth: `{ job(id: "x") ${'{ group { change { jobs '.repeat(5)}{ id }${' } } }'.repeat(5)} }`,
  aliases: `{ ${Array.from({ length: 31 }, (_, number) => `a${number}: version`).join(' ')} }`,
  directives: `{ version ${'@skip(if: false) '.repeat(1)} ${Array.from({ length: 31 }, () => '... @skip(if: false) { version }').join(' ')} }`,
  cost: '{ jobs(first: 100) { nodes { builds { job { builds { job { builds { steps { id } } } } } } } } }',
};

describe('limits of operations', () => {
  const database = testDatabase();
  const api = testApi(database);

  for (const [limit, query] of Object.entries(TOO_LARGE)) {
    it(`refuse too much ${limit}, on both transports`, async () => {
      const { code, errors } = await api.ask(query);
      assert.equal(code, 'VALIDATION_FAILED');
      assert.equal(errors[0]?.extensions['limit'], limit);
      const client = await api.person();
      const { payload } = await client.run(query);
      assert.equal((payload as unknown as { extensions: { limit: string } }[])[0]?.extensions.limit, limit);
    });
  }

  it('refuse documents of too many tokens, on both transports', async () => {
    const query = `{ ${'version '.repeat(2001)} }`;
    assert.equal((await api.ask(query)).code, 'GRAPHQL_PARSE_FAILED');
    const client = await api.person();
    const { payload } = await client.run(query);
    assert.equal(
      (payload as unknown as { extensions: { code: string } }[])[0]?.extensions.code,
      'GRAPHQL_PARSE_FAILED',
    );
  });

  it('refuse variables that are nested too deeply, on both transports', async () => {
    const list: unknown = JSON.parse('['.repeat(1000) + ']'.repeat(1000));
    const { code, errors } = await api.ask('{ version }', { list });
    assert.equal(code, 'VALIDATION_FAILED', JSON.stringify(errors));
    const client = await api.person();
    const { payload } = await client.run('{ version }', { list });
    const [problem] = payload as unknown as ApiError[];
    assert.match(problem?.message ?? '', /^list: got "more levels", expected variables of at most 32 levels/);
  });

  it('refuse documents that are nested too deeply, on both transports, and say no more than that', async () => {
    const query = `{ version(a: ${'['.repeat(50_000)}${']'.repeat(50_000)}) }`;
    const { code, errors } = await api.ask(query);
    assert.equal(code, 'GRAPHQL_PARSE_FAILED');
    assert.doesNotMatch(errors[0]?.message ?? '', /call stack/);
    const client = await api.person();
    const { payload } = await client.run(query);
    assert.equal((payload as unknown as ApiError[])[0]?.extensions.code, 'GRAPHQL_PARSE_FAILED');
  });

  it('measure nested fragments without taking long', () => {
    const fragments = Array.from(
      { length: 40 },
      (_, number) => `fragment F${number} on Job { ...F${number + 1} ...F${number + 1} }`,
    );
    const document = parse(`{ job(id: "x") { ...F0 } } ${fragments.join(' ')} fragment F40 on Job { id }`);
    const startMs = performance.now();
    validate(apiSchema(), document, LIMIT_RULES);
    assert.ok(performance.now() - startMs < 1000);
  });

  it('count a paged list by its size, whether that is a number or a variable', () => {
    const within = (query: string): boolean => validate(apiSchema(), parse(query), LIMIT_RULES).length === 0;
    assert.ok(within(`{ jobs(first: 100) { nodes { ${JOB} } } }`));
    assert.ok(within(`query ($n: Int!) { jobs(first: $n) { nodes { ${JOB} } } }`));
    const heavy = 'builds { job { builds { worker { pool { name } } } } }';
    assert.ok(within(`{ jobs(first: 10) { nodes { ${heavy} } } }`));
    assert.ok(
      !within(
        `query ($n: Int!) { jobs(first: $n) { nodes { ${heavy} ${JOB} group { nodes { job { id } } } } } }`,
      ),
    );
  });

  it('let the schema be asked for', async () => {
    assert.deepEqual((await api.ask(getIntrospectionQuery())).errors, []);
  });

  it('do not take a list of operations', async () => {
    const response = await fetch(`${api.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${api.token}` },
      body: JSON.stringify([{ query: '{ version }' }]),
    });
    assert.equal(response.status, 400);
  });
});
