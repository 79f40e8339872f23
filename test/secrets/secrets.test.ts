import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { removeSecret, setSecret } from '../../src/secrets/index.js';
import { createApiToken, masterKeysOf } from '../../src/tokens/index.js';
import { insertRepo } from '../graphql/support/rows.js';
import { testApi } from '../graphql/support/test-api.js';
import { testDatabase } from '../support/database.js';

const FIELDS =
  'key scope name version allowEvents allowImages allowCommands allowRepos allowRefs createdBy updatedBy';
const SET = `mutation ($input: SetSecretInput!) { setSecret(input: $input) { ${FIELDS} } }`;
const REMOVE = 'mutation ($input: RemoveSecretInput!) { removeSecret(input: $input) }';
const LIST = `query ($repo: String, $org: String, $shared: Boolean, $first: Int! = 30, $after: String) {
  secrets(repo: $repo, org: $org, shared: $shared, first: $first, after: $after) {
    nodes { ${FIELDS} } pageInfo { endCursor hasNextPage }
  }
}`;
const REPO_EVENTS = ['push', 'tag', 'deployment', 'schedule', 'delete', 'upload', 'manual', 'api'];

interface Shown {
  readonly name: string;
  readonly key: string;
  readonly version: number;
}

describe('secrets in the API', () => {
  const database = testDatabase();
  const masterKeys = masterKeysOf(randomBytes(32));
  const api = testApi(database, {
    setSecret: (request) => setSecret(api.pool, masterKeys, request),
    removeSecret: (owner, secret) => removeSecret(api.pool, owner, secret),
  });

  before(async () => {
    await insertRepo(database, 'site');
    await insertRepo(database, 'other');
  });
  afterEach(() => database.query('delete from secrets'));

  const set = (input: Record<string, unknown>) => api.ask(SET, { input: { value: 'hush', ...input } });
  const remove = (input: Record<string, unknown>) => api.ask(REMOVE, { input });
  async function list(variables: Record<string, unknown>): Promise<Shown[]> {
    const { data, errors } = await api.ask(LIST, variables);
    assert.deepEqual(errors, []);
    return (data as { secrets: { nodes: Shown[] } }).secrets.nodes;
  }

  it('are made with defaults that keep strangers and unreviewed branches away', async () => {
    const { data } = await set({ repo: 'acme/site', name: 'TOKEN' });
    assert.deepEqual(data, {
      setSecret: {
        key: 'acme/site/TOKEN',
        scope: 'REPO',
        name: 'TOKEN',
        version: 1,
        allowEvents: REPO_EVENTS,
        allowImages: [],
        allowCommands: true,
        allowRepos: [],
        allowRefs: [],
        createdBy: 'test',
        updatedBy: 'test',
      },
    });
    for (const [owner, key, scope] of [
      [{ org: 'acme' }, 'acme/TOKEN', 'ORG'],
      [{ shared: true }, 'TOKEN', 'SHARED'],
    ] as const) {
      const { setSecret } = (await set({ ...owner, name: 'TOKEN' })).data as { setSecret: object };
      assert.deepEqual(
        { ...setSecret },
        {
          ...(data as { setSecret: object }).setSecret,
          key,
          scope,
          allowRefs: ['@default', 'refs/tags/**'],
        },
      );
    }
  });

  it('are listed by owner and name, page by page, without values', async () => {
    for (const name of ['b', 'a', 'c']) await set({ repo: 'acme/site', name });
    await set({ repo: 'acme/other', name: 'theirs' });
    await set({ org: 'acme', name: 'ours' });
    assert.deepEqual(
      (await list({ repo: 'acme/site' })).map(({ name }) => name),
      ['a', 'b', 'c'],
    );
    assert.deepEqual(
      (await list({ org: 'acme' })).map(({ key }) => key),
      ['acme/ours'],
    );
    assert.deepEqual(await list({ shared: true }), []);
    const page = (await api.ask(LIST, { repo: 'acme/site', first: 2 })).data as {
      secrets: { pageInfo: { endCursor: string; hasNextPage: boolean } };
    };
    const { endCursor: after, hasNextPage } = page.secrets.pageInfo;
    assert.equal(hasNextPage, true);
    assert.deepEqual(
      (await list({ repo: 'acme/site', after })).map(({ name }) => name),
      ['c'],
    );
    assert.equal((await api.ask(LIST, { repo: 'acme/other', after })).code, 'VALIDATION_FAILED');
  });

  it('keep value and rules that are not given', async () => {
    await set({ org: 'acme', name: 'A', allowImages: ['x'], allowRepos: ['acme/*'], allowCommands: false });
    const [before] = await database.query<{ envelope: Buffer }>('select envelope from secrets');
    const { data } = await set({ org: 'acme', name: 'A', value: null, allowEvents: ['push'], allowRefs: [] });
    const after = (data as { setSecret: Record<string, unknown> }).setSecret;
    assert.deepEqual(
      [
        after.version,
        after.allowEvents,
        after.allowImages,
        after.allowCommands,
        after.allowRepos,
        after.allowRefs,
      ],
      [2, ['push'], ['x'], false, ['acme/*'], []],
    );
    assert.deepEqual(await database.query('select envelope from secrets'), [before]);
  });

  it('do not tell whether a value was the same as before', async () => {
    for (const version of [1, 2, 3])
      assert.equal(
        ((await set({ shared: true, name: 'A' })).data as { setSecret: Shown }).setSecret.version,
        version,
      );
    assert.equal((await database.query('select distinct envelope from secrets')).length, 1);
  });

  it('are written only at the version that the caller expects', async () => {
    const input = { shared: true, name: 'A' };
    assert.equal((await set({ ...input, expectedVersion: 1 })).code, 'CONFLICT');
    assert.equal((await set({ ...input, expectedVersion: 0 })).code, undefined);
    for (const write of [set, remove]) {
      const { code, errors } = await write({ ...input, expectedVersion: 0 });
      assert.equal(code, 'CONFLICT');
      assert.equal(errors[0]?.extensions['version'], 1);
    }
    assert.equal((await set({ ...input, expectedVersion: 1 })).code, undefined);
    assert.equal((await remove({ ...input, expectedVersion: 2 })).code, undefined);
  });

  it('are made once by callers that race, and written by one of those that expect a version', async () => {
    const race = (input: Record<string, unknown>) =>
      Promise.all(Array.from({ length: 4 }, () => set({ shared: true, name: 'A', ...input })));
    assert.ok((await race({})).every(({ errors }) => errors.length === 0));
    const [{ version } = { version: 0 }] = await list({ shared: true });
    assert.equal(version, 4);
    const answers = await race({ expectedVersion: 4 });
    assert.deepEqual(
      answers.map(({ code }) => code).sort(),
      ['CONFLICT', 'CONFLICT', 'CONFLICT', undefined].sort(),
    );
  });

  it('are gone once they are removed', async () => {
    await set({ repo: 'acme/site', name: 'A' });
    await set({ repo: 'acme/other', name: 'A' });
    assert.deepEqual((await remove({ repo: 'acme/site', name: 'A' })).data, { removeSecret: true });
    assert.deepEqual(await list({ repo: 'acme/site' }), []);
    assert.equal((await list({ repo: 'acme/other' })).length, 1);
    assert.equal((await remove({ repo: 'acme/site', name: 'A' })).code, 'NOT_FOUND');
  });

  const refused: Record<string, [input: Record<string, unknown>, code: string, field: string]> = {
    'nobody as owner': [{ name: 'A' }, 'VALIDATION_FAILED', 'repo'],
    'two owners': [{ name: 'A', repo: 'acme/site', org: 'acme' }, 'VALIDATION_FAILED', 'repo'],
    'a repo that is not there': [{ name: 'A', repo: 'acme/none' }, 'NOT_FOUND', ''],
    'an organisation that is not there': [{ name: 'A', org: 'none' }, 'NOT_FOUND', ''],
    'a name with a slash': [{ name: 'a/b', shared: true }, 'VALIDATION_FAILED', 'name'],
    'a name that is too long': [{ name: 'a'.repeat(101), shared: true }, 'VALIDATION_FAILED', 'name'],
    'no value for a new one': [{ name: 'A', shared: true, value: null }, 'VALIDATION_FAILED', 'value'],
    'an empty value': [{ name: 'A', shared: true, value: '' }, 'VALIDATION_FAILED', 'value'],
    'a value of 64 KiB and a byte': [
      { name: 'A', shared: true, value: `${'ä'.repeat(32 * 1024)}a` },
      'VALIDATION_FAILED',
      'value',
    ],
    'no event': [{ name: 'A', shared: true, allowEvents: [] }, 'VALIDATION_FAILED', 'allowEvents'],
    'an unknown event': [
      { name: 'A', shared: true, allowEvents: ['pish'] },
      'VALIDATION_FAILED',
      'allowEvents',
    ],
    'a glob that is none': [
      { name: 'A', shared: true, allowImages: ['[a'] },
      'VALIDATION_FAILED',
      'allowImages',
    ],
    'an empty ref': [{ name: 'A', shared: true, allowRefs: [''] }, 'VALIDATION_FAILED', 'allowRefs'],
    'too many patterns': [
      { name: 'A', shared: true, allowRepos: Array.from({ length: 51 }, () => 'a') },
      'VALIDATION_FAILED',
      'allowRepos',
    ],
    'other repos for the secret of a repo': [
      { name: 'A', repo: 'acme/site', allowRepos: ['acme/*'] },
      'VALIDATION_FAILED',
      'allowRepos',
    ],
    'a version below 0': [
      { name: 'A', shared: true, expectedVersion: -1 },
      'VALIDATION_FAILED',
      'expectedVersion',
    ],
  };
  for (const [what, [input, code, field]] of Object.entries(refused)) {
    it(`are refused with ${what}`, async () => {
      const answer = await set(input);
      assert.equal(answer.code, code);
      const problems = (answer.errors[0]?.extensions['problems'] ?? []) as { field: string }[];
      assert.deepEqual([...new Set(problems.map((problem) => problem.field))], field === '' ? [] : [field]);
      assert.doesNotMatch(JSON.stringify(answer), /hush/);
      assert.deepEqual(await database.query('select 1 from secrets'), []);
    });
  }

  it('take the largest value that there may be', async () => {
    assert.equal((await set({ shared: true, name: 'A', value: 'ä'.repeat(32 * 1024) })).code, undefined);
  });

  it('are as many per owner as is bearable', async () => {
    await set({ shared: true, name: 'A' });
    await database.query(
      `insert into secrets (id, scope, name, envelope, allow_events, allow_images, allow_commands, allow_repos, allow_refs,
         created_by, updated_by)
       select gen_random_uuid(), scope, 'n' || n, envelope, allow_events, allow_images, allow_commands, allow_repos,
         allow_refs, created_by, updated_by from secrets, generate_series(2, 500) n`,
    );
    assert.equal((await set({ shared: true, name: 'B' })).code, 'VALIDATION_FAILED');
    assert.equal((await set({ shared: true, name: 'A' })).code, undefined);
    assert.equal((await set({ org: 'acme', name: 'B' })).code, undefined);
  });

  it('are set and removed by administrators alone', async () => {
    const { token } = await createApiToken(api.pool, { name: 'w', scopes: ['write', 'read'], lifeS: 60 });
    const input = { shared: true, name: 'A', value: 'hush' };
    assert.equal((await api.ask(SET, { input }, token)).code, 'FORBIDDEN');
    assert.equal((await api.ask(REMOVE, { input: { shared: true, name: 'A' } }, token)).code, 'FORBIDDEN');
    assert.equal((await api.ask(LIST, { shared: true }, token)).code, undefined);
    assert.equal((await api.ask(LIST, { shared: true }, null)).code, 'UNAUTHENTICATED');
  });

  it('cannot be stored without an owner, or with two', async () => {
    await set({ repo: 'acme/site', name: 'A' });
    for (const change of [
      `scope = 'shared'`,
      'repo_id = null',
      'organisation_id = (select id from organisations limit 1)',
    ])
      await assert.rejects(database.query(`update secrets set ${change}`), { code: '23514' });
  });

  it('leave with their repo', async () => {
    await set({ repo: 'acme/other', name: 'A' });
    await database.query(`delete from repos where name = 'other'`);
    assert.deepEqual(await database.query('select 1 from secrets'), []);
  });
});
