import assert from 'node:assert/strict';
import { access, chmod, chown, lstat, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { skipBecause } from '../../support/skip.js';
import { Cloner } from '../support/cloner.js';
import { GitRepo } from '../support/git-repo.js';
import { useScratch } from '../support/scratch.js';

const BUILD = '00000000-0000-4000-8000-000000000003';
const NO_COMMIT = 'f'.repeat(40);
const NOBODY = 65_534;

describe('cloneCheckout', () => {
  const scratch = useScratch();
  let repo: GitRepo;
  let cloner: Cloner;

  beforeEach(async () => {
    repo = await GitRepo.create(join(scratch.path, 'origin'));
    cloner = new Cloner(join(scratch.path, 'workspaces'), BUILD);
  });

  it('checks out exactly the commit, shallow and detached, from a path or a file URL', async () => {
    const commit = await repo.commit({ 'a.txt': 'one' });
    await repo.commit({ 'a.txt': 'two' });
    for (const url of [repo.path, `file://${repo.path}`]) {
      cloner = new Cloner(join(scratch.path, `of-${url.length}`), BUILD);
      assert.deepEqual(await cloner.clone({ url, commit }), { kind: 'CLONED' }, cloner.log);
      assert.equal(await readFile(join(cloner.workspace.source, 'a.txt'), 'utf8'), 'one');
      assert.equal((await readFile(join(cloner.workspace.source, '.git', 'HEAD'), 'utf8')).trim(), commit);
    }
  });

  it('checks out names that would be options or lines elsewhere', async () => {
    const names = ['--upload-pack=x', 'new\nline', '$(touch pwned)', "quo'te", 'ümläut/☃', '-'];
    const commit = await repo.commit(Object.fromEntries(names.map((name) => [name, name])));
    assert.deepEqual(await cloner.clone({ url: repo.path, commit }), { kind: 'CLONED' }, cloner.log);
    for (const name of names) assert.equal(await readFile(join(cloner.workspace.source, name), 'utf8'), name);
    assert.equal((await readdir(cloner.workspace.source)).includes('pwned'), false);
  });

  it('clones a bare repository whose path needs quoting', async () => {
    const commit = await repo.commit({ 'a.txt': 'one' });
    const bare = join(scratch.path, 'a "bare" \\one; #');
    await repo.git('clone', '--quiet', '--bare', '.', bare);
    assert.deepEqual(await cloner.clone({ url: bare, commit }), { kind: 'CLONED' }, cloner.log);
  });

  it('clones a repository that belongs to another user', async function () {
    if (process.getuid?.() !== 0) skipBecause('needs root', this);
    const commit = await repo.commit({ 'a.txt': 'one' });
    await chown(repo.path, NOBODY, NOBODY);
    await chown(join(repo.path, '.git'), NOBODY, NOBODY);
    assert.deepEqual(await cloner.clone({ url: repo.path, commit }), { kind: 'CLONED' }, cloner.log);
  });

  it('fetches the ref when the commit alone is not given out', async () => {
    const commit = await repo.commit({ 'a.txt': 'one' });
    await repo.commit({ 'a.txt': 'two' });
    // The first protocol refuses what no ref names, as some servers do.
    const settings = ['-c', 'protocol.version=0'];
    const outcome = await cloner.clone({ url: repo.path, commit, ref: 'refs/heads/main', settings });
    assert.deepEqual(outcome, { kind: 'CLONED' }, cloner.log);
    assert.match(cloner.log, /fetching the ref/);
    assert.equal(await readFile(join(cloner.workspace.source, 'a.txt'), 'utf8'), 'one');
  });

  it('says so when there is no such commit', async () => {
    await repo.commit({ 'a.txt': 'one' });
    const outcome = await cloner.clone({ url: repo.path, commit: NO_COMMIT, ref: 'refs/heads/main' });
    assert.match(outcome.kind === 'FAILED' ? outcome.error : '', /has no commit f{40}/);
  });

  it('says so when there is no such repository', async () => {
    const outcome = await cloner.clone({ url: join(scratch.path, 'nowhere'), commit: NO_COMMIT });
    assert.match(outcome.kind === 'FAILED' ? outcome.error : '', /could not fetch/);
  });

  for (const url of [
    'ext::sh -c touch% pwned',
    '--upload-pack=touch pwned',
    'git://localhost/x',
    'ssh://-oProxyCommand=touch/x',
    'http://localhost/x',
    'relative/path',
    'file:relative',
    'file://host/path',
    '/path\n[core] sshCommand = x',
    '',
  ]) {
    it(`does not run git for the URL ${JSON.stringify(url)}`, async () => {
      const outcome = await cloner.clone({ url, commit: NO_COMMIT });
      assert.match(outcome.kind === 'FAILED' ? outcome.error : '', /^checkout\.url: /);
      assert.equal(cloner.log, '');
    });
  }

  for (const [field, checkout] of [
    ['commit', { commit: '--help' }],
    ['commit', { commit: 'main' }],
    ['ref', { ref: '--upload-pack=x' }],
    ['ref', { ref: 'refs/heads/a:refs/heads/b' }],
    ['ref', { ref: 'a b' }],
  ] as const) {
    it(`does not run git for ${JSON.stringify(checkout)}`, async () => {
      const outcome = await cloner.clone({ url: repo.path, commit: NO_COMMIT, ...checkout });
      assert.match(outcome.kind === 'FAILED' ? outcome.error : '', new RegExp(`^checkout\\.${field}: `));
      assert.equal(cloner.log, '');
    });
  }

  it('runs no hook and takes no configuration of the repository that it clones', async () => {
    const commit = await repo.commit({ 'a.txt': 'one' });
    const hook = join(repo.path, '.git', 'hooks', 'post-checkout');
    await writeFile(hook, `#!/bin/sh\ntouch ${scratch.path}/pwned\n`);
    await chmod(hook, 0o755);
    assert.deepEqual(await cloner.clone({ url: repo.path, commit }), { kind: 'CLONED' }, cloner.log);
    await assert.rejects(access(join(scratch.path, 'pwned')));
    await assert.rejects(lstat(join(cloner.workspace.source, '.git', 'hooks')));
  });
});
