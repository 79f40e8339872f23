import assert from 'node:assert/strict';
import { deferred } from '../../src/base/deferred.js';
import { DomainError, ErrorCode, ValidationError } from '../../src/base/errors.js';
import type { Queryable } from '../../src/database/queryable.js';
import {
  addRepo,
  findRepo,
  GitError,
  GitFailure,
  updateRepo,
  type ReposContext,
  type UpdateRepoInput,
} from '../../src/repos/index.js';
import { testDatabase } from '../support/database.js';
import { useHttpsGitServer } from '../support/git-servers/use-https-git-server.js';
import { reposContext } from '../support/repos-context.js';

const login = { username: 'robot', token: 'canary-token-77c1' };

describe('updateRepo', () => {
  const database = testDatabase();
  const https = useHttpsGitServer();
  let context: ReposContext;
  let names = 0;
  let name: string;

  beforeEach(async () => {
    context = reposContext(database.pool, { caFile: https.authority.file });
    name = `r${++names}`;
    await https.repo(`${name}.git`).then((repo) => repo.commit({ 'a.txt': 'one' }));
  });

  const add = (cloneUrl = https.server.urlOf(`${name}.git`)): ReturnType<typeof addRepo> =>
    addRepo(context, { org: 'Acme', name, cloneUrl, defaultBranch: 'main' });

  const update = (input: Partial<UpdateRepoInput>): ReturnType<typeof updateRepo> =>
    updateRepo(context, { repo: `Acme/${name}`, ...input });

  async function row(): Promise<Record<string, unknown>> {
    const [found] = await database.query(`select * from repos where name = $1`, [name]);
    assert.ok(found);
    return found;
  }

  function failsWith(code: ErrorCode, words: RegExp): (error: unknown) => boolean {
    return (error) => {
      assert.ok(error instanceof DomainError, String(error));
      assert.equal(error.code, code, error.message);
      assert.match(error.message, words);
      assert.doesNotMatch(error.message + JSON.stringify(error.details), /canary/);
      return true;
    };
  }

  it('changes what is given, and nothing else', async () => {
    await add();
    const before = await row();
    await update({ buildLimit: 3, timeoutMs: 60_000, queueTimeoutMs: 120_000, active: false });
    const { updated_at: _, ...after } = await row();
    const { updated_at: __, ...rest } = before;
    const changed = {
      build_limit: 3,
      timeout_ms: 60_000,
      queue_timeout_ms: 120_000,
      active: false,
      version: 2,
    };
    assert.deepEqual(after, { ...rest, ...changed });
  });

  it('renames a repo together with its root project', async () => {
    const { id } = await add();
    await update({ name: `new-${name}` });
    const projects = await database.query('select name from projects where repo_id = $1', [id]);
    assert.deepEqual(projects, [{ name: `Acme/new-${name}` }]);
    assert.equal((await findRepo(database.pool, { org: 'acme', name: `NEW-${name}` }))?.id, id);
  });

  it('gives no repo the name of another one, in whatever case', async () => {
    await add();
    await addRepo(context, { org: 'Acme', name: `Other-${name}`, cloneUrl: '/srv/x', defaultBranch: 'main' });
    const renaming = update({ name: `OTHER-${name}` });
    await assert.rejects(renaming, failsWith(ErrorCode.CONFLICT, /is called "OTHER-/));
  });

  it('changes nothing for a caller who has seen an older version', async () => {
    await add();
    await update({ buildLimit: 3, expectedVersion: 1 });
    const late = update({ buildLimit: 9, expectedVersion: 1 });
    await assert.rejects(late, failsWith(ErrorCode.CONFLICT, /has version 2/));
    assert.equal((await row()).build_limit, 3);
  });

  it('lets one of several callers at once win, and tells the others', async () => {
    await add();
    const limits = [1, 2, 3, 4, 5];
    const together = deferred<void>();
    let arrived = 0;
    // Every caller has seen version 1 before the first one writes.
    const db: Queryable = {
      query: async (text, values) => {
        if (text.includes('update repos') && ++arrived === limits.length) together.resolve();
        if (text.includes('update repos')) await together.promise;
        return database.pool.query<never>(text, values);
      },
    };
    const outcomes = await Promise.allSettled(
      limits.map((buildLimit) => updateRepo({ ...context, db }, { repo: `Acme/${name}`, buildLimit })),
    );
    const won = limits.filter((_, index) => outcomes[index]?.status === 'fulfilled');
    assert.equal(won.length, 1);
    const { build_limit: limit, version } = await row();
    assert.deepEqual([limit, version], [won[0], 2]);
  });

  it('keeps a credential that the server takes, closed, and shows its kind alone', async () => {
    https.server.behaviour = { login };
    const { id, cloneUrl } = await add();
    await update({ credential: { httpsToken: login } });
    const stored = await row();
    assert.deepEqual([stored.credential_kind, stored.credential_fingerprint], ['HTTPS_TOKEN', null]);
    assert.ok(!(stored.credential as Buffer).includes('canary'));
    const opened = await context.credentials.of({ repoId: id, url: cloneUrl });
    assert.deepEqual(opened, { kind: 'HTTPS_TOKEN', ...login });
  });

  it('does not keep a credential that the server refuses', async () => {
    https.server.behaviour = { login: { ...login, token: 'another' } };
    await add();
    const updating = update({ credential: { httpsToken: login }, buildLimit: 3 });
    await assert.rejects(
      updating,
      (error) => error instanceof GitError && error.what === GitFailure.ACCESS_DENIED,
    );
    const { credential, build_limit: limit } = await row();
    assert.deepEqual([credential, limit], [null, 10]);
  });

  it('takes a credential away', async () => {
    const { id, cloneUrl } = await add();
    await update({ credential: { httpsToken: login } });
    await update({ removeCredential: true });
    const { credential, credential_kind: kind } = await row();
    assert.deepEqual([credential, kind], [null, null]);
    assert.equal(await context.credentials.of({ repoId: id, url: cloneUrl }), null);
  });

  it('sends a credential to no other server: that needs it again', async () => {
    await add();
    await update({ credential: { httpsToken: login } });
    const elsewhere = https.server.urlOf(`${name}.git`, 'localhost');
    await assert.rejects(
      update({ cloneUrl: elsewhere }),
      failsWith(ErrorCode.VALIDATION_FAILED, /^cloneUrl: .*or a new credential/),
    );
    await update({ cloneUrl: https.server.urlOf('another.git') });
    await update({ cloneUrl: elsewhere, credential: { httpsToken: login } });
    assert.equal((await row()).clone_url, elsewhere);
  });

  it('opens a credential for no other server, also where somebody has written to the table', async () => {
    const { id } = await add();
    await update({ credential: { httpsToken: login } });
    const url = 'https://evil.example/x';
    await database.query('update repos set clone_url = $2 where id = $1', [id, url]);
    assert.equal(await context.credentials.of({ repoId: id, url }), null);
  });

  it('opens no credential that was moved from another repo', async () => {
    const { id, cloneUrl } = await add();
    await update({ credential: { httpsToken: login } });
    const other = await addRepo(context, { org: 'Acme', name: `${name}-2`, cloneUrl, defaultBranch: 'main' });
    await database.query(
      `update repos set (credential, credential_kind) = (select credential, credential_kind from repos where id = $2)
       where id = $1`,
      [other.id, id],
    );
    await assert.rejects(context.credentials.of({ repoId: other.id, url: cloneUrl }), /is another one's/);
  });

  const bad: Readonly<Record<string, [Partial<UpdateRepoInput>, RegExp]>> = {
    'a credential and its removal': [
      { credential: { httpsToken: login }, removeCredential: true },
      /^removeCredential/,
    ],
    'two credentials at once': [
      { credential: { httpsToken: login, sshKey: { privateKey: 'canary', knownHosts: 'x' } } },
      /^credential: .*either httpsToken or sshKey/,
    ],
    'no credential in the credential': [{ credential: {} }, /^credential: not given/],
    'a token with a line end': [
      { credential: { httpsToken: { username: 'robot', token: 'canary\nx' } } },
      /^credential\.httpsToken\.token/,
    ],
    'a user name with a colon': [
      { credential: { httpsToken: { username: 'a:canary', token: 'x' } } },
      /^credential\.httpsToken\.username/,
    ],
    'a key that is none': [
      { credential: { sshKey: { privateKey: 'canary', knownHosts: 'x' } } },
      /^credential\.sshKey\.privateKey: .*ssh-keygen -p/,
    ],
    'a limit of nothing': [{ buildLimit: 0 }, /^buildLimit/],
    'a name with a slash': [{ name: 'a/b' }, /^name/],
    'a branch that is an option': [{ defaultBranch: '-x' }, /^defaultBranch/],
    'a clone URL that is an option': [{ cloneUrl: '--upload-pack=id' }, /^cloneUrl/],
  };
  for (const [what, [input, words]] of Object.entries(bad)) {
    it(`refuses ${what}`, async () => {
      await add();
      await assert.rejects(update(input), (error) => {
        assert.ok(error instanceof ValidationError, String(error));
        return failsWith(ErrorCode.VALIDATION_FAILED, words)(error);
      });
      assert.equal((await row()).version, 1);
    });
  }

  it('knows no repo that is not there', async () => {
    await assert.rejects(update({}), failsWith(ErrorCode.NOT_FOUND, /was not found/));
  });

  it('adds a repo with its credential, once, however often it is asked', async () => {
    https.server.behaviour = { login };
    const input = {
      org: 'Acme',
      name,
      cloneUrl: https.server.urlOf(`${name}.git`),
      credential: { httpsToken: login },
    };
    const first = await addRepo(context, input);
    assert.equal(first.defaultBranch, 'main');
    const again = await addRepo(context, { ...input, org: 'ACME', name: name.toUpperCase() });
    assert.equal(again.id, first.id);
    const other = { httpsToken: { ...login, token: 'canary-2' } };
    await assert.rejects(
      addRepo(context, { ...input, credential: other }),
      failsWith(ErrorCode.CONFLICT, /another credential/),
    );
  });
});
