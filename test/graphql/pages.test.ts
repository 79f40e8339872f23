import assert from 'node:assert/strict';
import { testDatabase } from '../support/database.js';
import { insertBuild, insertJob, insertRepo, insertWorker, type Rows } from './support/rows.js';
import { testApi } from './support/test-api.js';

interface Page {
  readonly nodes: readonly { readonly number: number }[];
  readonly edges: readonly { readonly cursor: string }[];
  readonly pageInfo: { readonly endCursor: string | null; readonly hasNextPage: boolean };
}

const PAGE = 'nodes { number } edges { cursor node { id } } pageInfo { endCursor hasNextPage }';
const QUERY = `query ($first: Int!, $after: String, $filter: JobsFilter) {
  jobs(first: $first, after: $after, filter: $filter) { ${PAGE} }
}`;

describe('lists', () => {
  const database = testDatabase();
  const api = testApi(database);
  let rows: Rows;

  before('make jobs', async () => {
    rows = await insertRepo(database, 'shop');
    for (let number = 1; number <= 7; number++) await insertJob(database, rows, number);
    // Two in the same microsecond, and neighbours that differ by less than a Date can tell.
    await database.query(
      `update jobs set created_at = timestamptz '2026-01-01' + (number / 2) * interval '1 microsecond'`,
    );
  });

  async function pageOf(variables: Record<string, unknown>): Promise<Page> {
    const { data, errors } = await api.ask(QUERY, { first: 100, ...variables });
    assert.deepEqual(errors, []);
    return data?.['jobs'] as Page;
  }

  for (const first of [1, 2, 3, 7, 8]) {
    it(`have each row once, newest first, in pages of ${first}`, async () => {
      const whole = await pageOf({});
      const read: number[] = [];
      let after: string | null = null;
      for (;;) {
        const page: Page = await pageOf({ first, after });
        read.push(...page.nodes.map(({ number }) => number));
        assert.equal(page.edges.at(-1)?.cursor, page.pageInfo.endCursor);
        if (!page.pageInfo.hasNextPage) break;
        after = page.pageInfo.endCursor;
      }
      assert.deepEqual(
        read,
        whole.nodes.map(({ number }) => number),
      );
      assert.deepEqual([...read].sort(), [1, 2, 3, 4, 5, 6, 7]);
      assert.deepEqual(read[6], 1);
    });
  }

  it('have what the filter says', async () => {
    const none = await pageOf({ filter: { repo: 'acme/none' } });
    assert.deepEqual(none.nodes, []);
    assert.equal((await pageOf({ filter: { repo: 'acme/shop', state: 'PENDING' } })).nodes.length, 7);
    assert.equal((await pageOf({ filter: { event: 'tag' } })).nodes.length, 0);
    assert.equal((await pageOf({ filter: { branch: 'main', event: 'push' } })).nodes.length, 7);
  });

  it('have repos by name and workers by host name', async () => {
    await insertRepo(database, 'alpha');
    await insertWorker(database, 'w-2');
    await insertWorker(database, 'w-1');
    for (const [list, field, expected] of [
      ['repos', 'fullName', ['acme/alpha', 'acme/shop']],
      ['workers', 'hostname', ['w-1', 'w-2']],
    ] as const) {
      const found: unknown[] = [];
      let after = 'null';
      for (let page = 0; page < 2; page++) {
        const query = `{ ${list}(first: 1, after: ${after}) { nodes { name: ${field} } pageInfo { endCursor } } }`;
        const { data } = await api.ask(query);
        const { nodes, pageInfo } = data?.[list] as {
          nodes: { name: string }[];
          pageInfo: { endCursor: string };
        };
        found.push(...nodes.map(({ name }) => name));
        after = JSON.stringify(pageInfo.endCursor);
      }
      assert.deepEqual(found, expected);
    }
  });

  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const cursors: Record<string, string> = {
    'no cursor': 'x',
    'an empty one': '',
    'one of another list': encode(['repos', 'acme', 'shop']),
    'one with another number of values': encode(['jobs', '1']),
    'one with a time that is none': encode(['jobs', '1e99', '0f6f7a4e-0000-4000-8000-000000000000']),
    'one with an id that is none': encode(['jobs', '1', 'x']),
    'one that is no list': encode({ jobs: 1 }),
  };
  for (const [what, after] of Object.entries(cursors)) {
    it(`refuse ${what} as a cursor`, async () => {
      const { code } = await api.ask(QUERY, { first: 1, after });
      assert.equal(code, 'VALIDATION_FAILED');
    });
  }

  it('refuse the cursor of another list also where its values would do', async () => {
    const after = (await pageOf({ first: 1 })).pageInfo.endCursor;
    const { code } = await api.ask('query ($after: String) { repos(after: $after) { nodes { id } } }', {
      after,
    });
    assert.equal(code, 'VALIDATION_FAILED');
  });

  it('refuse a cursor with a NUL byte', async () => {
    const { code } = await api.ask('query ($after: String) { workers(after: $after) { nodes { id } } }', {
      after: encode(['workers', 'a\0b']),
    });
    assert.equal(code, 'VALIDATION_FAILED');
  });

  it('take as many statements for seven jobs as for one', async () => {
    const worker = await insertWorker(database, 'busy');
    const jobs = await database.query<{ id: string }>(
      'select id from jobs order by created_at desc, id desc limit 2',
    );
    // The newest two have builds: so the page of one has all levels that the page of seven has.
    for (const [slot, { id }] of jobs.entries()) {
      await insertBuild(database, { job: id, repo: rows.repo, slot, ...worker });
    }
    const query = `query ($first: Int!) { jobs(first: $first) { nodes {
      reason repo { fullName } project { name } group { change { repo { fullName } } nodes { job { id } } }
      builds { worker { runningBuildIds pool { name } } steps { name } } worker { hostname } currentBuild { id }
    } } }`;
    const counts = [];
    for (const first of [1, 7]) {
      api.statements.length = 0;
      const { errors } = await api.ask(query, { first });
      assert.deepEqual(errors, []);
      counts.push(api.statements.length);
    }
    const [one = 0, seven = 0] = counts;
    assert.ok(one > 5, 'the statements are counted');
    // One statement for each of seven would make six more; two levels may or may not meet in one batch.
    assert.ok(seven < one + 5, `${seven} statements for seven jobs, ${one} for one`);
  });
});
