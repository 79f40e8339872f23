import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { DomainError } from '../../src/base/errors.js';
import { ErrorCode, ValidationError } from '../../src/base/errors.js';
import { deferred } from '../../src/base/deferred.js';
import type { Queryable } from '../../src/database/queryable.js';
import { addRepo, GitError, GitFailure } from '../../src/repos/index.js';
import { testDatabase } from '../support/database.js';
import { reposContext } from '../support/repos-context.js';
import { ScratchRepo, scratchDir } from './scratch-repo.js';

describe('addRepo', () => {
  const database = testDatabase();
  const scratch = scratchDir();

  async function counts(): Promise<unknown> {
    const [row] = await database.query(`select (select count(*) from organisations)::int as organisations,
      (select count(*) from repos)::int as repos, (select count(*) from projects)::int as projects,
      (select count(*) from job_numbers)::int as counters`);
    return row;
  }

  it('writes the repo with its organisation, root project and counter, and asks for the default branch', async () => {
    const remote = new ScratchRepo(join(scratch.path, 'a'));
    remote.commit({ a: '1' });
    remote.git('branch', '-m', 'trunk');
    const repo = await addRepo(reposContext(database.pool), { org: 'org', name: 'a', cloneUrl: remote.path });
    assert.equal(repo.defaultBranch, 'trunk');
    const projects = await database.query(
      `select p.name, path, targets, last_number from projects p join job_numbers n using (repo_id) where repo_id = $1`,
      [repo.id],
    );
    const [setting] = await database.query<{ value: string }>(
      `select value from settings where key = 'default_target'`,
    );
    assert.deepEqual(projects, [{ name: 'org/a', path: '', targets: [setting?.value], last_number: 0 }]);
  });

  it('keeps the default target that the installation was given', async () => {
    await database.query(`update settings set value = '"riscv64-linux"' where key = 'default_target'`);
    const repo = await addRepo(reposContext(database.pool), {
      org: 'org',
      name: 'riscv',
      cloneUrl: '/srv/x',
      defaultBranch: 'main',
    });
    const [project] = await database.query(`select targets from projects where repo_id = $1`, [repo.id]);
    assert.deepEqual(project, { targets: ['riscv64-linux'] });
  });

  it('gives a repo back that is added again, and refuses another one of its name', async () => {
    const input = { org: 'org', name: 'again', cloneUrl: '/srv/again', defaultBranch: 'main' };
    const first = await addRepo(reposContext(database.pool), input);
    assert.deepEqual(await addRepo(reposContext(database.pool), input), first);
    assert.deepEqual(await addRepo(reposContext(database.pool), { ...input, defaultBranch: null }), first);
    for (const other of [{ cloneUrl: '/srv/other' }, { defaultBranch: 'other' }]) {
      await assert.rejects(
        addRepo(reposContext(database.pool), { ...input, ...other }),
        (error: DomainError) => {
          assert.equal(error.code, ErrorCode.CONFLICT);
          assert.match(error.message, /"org\/again" exists with clone URL "\/srv\/again"/);
          return true;
        },
      );
    }
  });

  it('writes one repo when several callers add it at once', async () => {
    const input = { org: 'race', name: 'race', cloneUrl: '/srv/race', defaultBranch: 'main' };
    const callers = 5;
    const together = deferred<void>();
    let arrived = 0;
    // Every caller has seen that there is no such repo before the first one writes.
    const db: Queryable = {
      query: async (text, values) => {
        if (text.includes('insert into repos') && ++arrived === callers) together.resolve();
        if (text.includes('insert into repos')) await together.promise;
        return database.pool.query<never>(text, values);
      },
    };
    const repos = await Promise.all(Array.from({ length: callers }, () => addRepo(reposContext(db), input)));
    assert.equal(new Set(repos.map(({ id }) => id)).size, 1);
  });

  it('says that a clone URL cannot be reached, and leaves nothing behind', async () => {
    const before = await counts();
    const cloneUrl = join(scratch.path, 'nowhere');
    await assert.rejects(
      addRepo(reposContext(database.pool), { org: 'fresh', name: 'b', cloneUrl }),
      (error: unknown) =>
        error instanceof GitError &&
        error.what === GitFailure.UNREACHABLE &&
        /^cloneUrl: ".*" cannot be reached, expected a git repository/.test(error.message),
    );
    assert.deepEqual(await counts(), before);
  });

  it('says that an empty repository has no default branch', async () => {
    const remote = new ScratchRepo(join(scratch.path, 'empty'));
    const adding = addRepo(reposContext(database.pool), { org: 'org', name: 'empty', cloneUrl: remote.path });
    await assert.rejects(adding, /points to no branch/);
  });

  const hostile = {
    'an organisation of dots': { org: '..' },
    'a name with a slash': { name: 'a/b' },
    'a name that is an option': { name: '-x' },
    'a name with NUL': { name: 'a\0' },
    'a name that is too long': { name: 'x'.repeat(101) },
    'an empty name': { name: '' },
    'a branch that is an option': { defaultBranch: '--upload-pack=id' },
    'a clone URL that is an option': { cloneUrl: '--upload-pack=id' },
    'a time limit of nothing': { timeoutMs: 0 },
    'a build limit beyond all integers': { buildLimit: 2 ** 40 },
  };

  for (const [name, wrong] of Object.entries(hostile)) {
    it(`refuses ${name}, and leaves nothing behind`, async () => {
      const before = await counts();
      const input = { org: 'ok', name: 'ok', cloneUrl: '/srv/x', defaultBranch: 'main', ...wrong };
      await assert.rejects(addRepo(reposContext(database.pool), input), (error: unknown) => {
        assert.ok(error instanceof ValidationError);
        assert.deepEqual(
          error.problems.map(({ field }) => field),
          Object.keys(wrong),
        );
        return true;
      });
      assert.deepEqual(await counts(), before);
    });
  }
});
