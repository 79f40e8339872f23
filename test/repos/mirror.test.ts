import assert from 'node:assert/strict';
import { chownSync, existsSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Git, GitError, GitFailure, Mirrors, type Mirror } from '../../src/repos/index.js';
import { loopbackGuard } from '../support/repos-context.js';
import { skipBecause } from '../support/skip.js';
import { ScratchRepo, scratchDir } from './scratch-repo.js';

describe('Mirror', () => {
  const scratch = scratchDir();
  let count = 0;

  function fresh(): { repo: ScratchRepo; mirror: Mirror; dir: string } {
    const id = `r${++count}`;
    const repo = new ScratchRepo(join(scratch.path, id));
    return { repo, mirror: mirrorOf(id, repo.path), dir: join(scratch.path, 'mirrors', `${id}.git`) };
  }

  function mirrorOf(id: string, cloneUrl: string): Mirror {
    return new Mirrors({ git: new Git({ guard: loopbackGuard }), dir: join(scratch.path, 'mirrors') }).of({
      id,
      cloneUrl,
    });
  }

  function failsWith(what: GitFailure): (error: unknown) => boolean {
    return (error) => error instanceof GitError && error.what === what;
  }

  it('resolves a branch to where it is now, each time', async () => {
    const { repo, mirror } = fresh();
    const first = repo.commit({ a: '1' });
    assert.equal(await mirror.resolve({ ref: 'refs/heads/main' }), first);
    const second = repo.commit({ a: '2' });
    assert.equal(await mirror.resolve({ ref: 'refs/heads/main' }), second);
    repo.git('reset', '--quiet', '--hard', first);
    assert.equal(await mirror.resolve({ ref: 'refs/heads/main' }), first);
  });

  it('resolves tags of both kinds, pull refs, and branches that stand in each other’s way', async () => {
    const { repo, mirror } = fresh();
    const commit = repo.commit({ a: '1' });
    repo.git('tag', 'light');
    repo.git('tag', '-a', '-m', 'x', 'heavy');
    repo.git('update-ref', 'refs/pull/7/head', commit);
    repo.git('branch', 'x');
    const refs = ['refs/tags/light', 'refs/tags/heavy', 'refs/pull/7/head', 'refs/heads/x'];
    for (const ref of refs) assert.equal(await mirror.resolve({ ref }), commit, ref);
    repo.git('branch', '-D', 'x');
    repo.git('branch', 'x/y');
    assert.equal(await mirror.resolve({ ref: 'refs/heads/x/y' }), commit);
  });

  it('gives a commit that it has without asking the remote', async () => {
    const { repo, mirror } = fresh();
    const commit = repo.commit({ a: '1' });
    await mirror.resolve({ ref: 'refs/heads/main' });
    rmSync(repo.path, { recursive: true });
    assert.equal(await mirror.resolve({ commit }), commit);
  });

  it('fetches a commit that no branch has any more', async () => {
    const { repo, mirror } = fresh();
    const first = repo.commit({ a: '1' });
    const second = repo.commit({ a: '2' });
    repo.git('reset', '--quiet', '--hard', first);
    assert.equal(await mirror.resolve({ commit: second }), second);
  });

  it('tells unknown refs, unknown commits and unreachable remotes apart', async () => {
    const { repo, mirror } = fresh();
    repo.commit({ a: '1' });
    const unknownRef = mirror.resolve({ ref: 'refs/heads/none' });
    await assert.rejects(unknownRef, failsWith(GitFailure.UNKNOWN_REF));
    const unknownCommit = mirror.resolve({ commit: '1'.repeat(40) });
    await assert.rejects(unknownCommit, failsWith(GitFailure.UNKNOWN_COMMIT));
    const nobody = mirrorOf('nobody', join(scratch.path, 'nobody')).resolve({ ref: 'refs/heads/main' });
    await assert.rejects(nobody, failsWith(GitFailure.UNREACHABLE));
    const deaf = mirrorOf('deaf', 'https://127.0.0.1:9/x').resolve({ ref: 'refs/heads/main' });
    await assert.rejects(deaf, failsWith(GitFailure.UNREACHABLE));
  });

  it('lets git refuse other protocols, even when the check of URLs was passed by', async () => {
    for (const [index, url] of [
      'ext::sh -c id',
      'ssh://-oProxyCommand=id/x',
      'http://127.0.0.1:9/x',
    ].entries()) {
      const refused = mirrorOf(`p${index}`, url).resolve({ ref: 'refs/heads/main' });
      await assert.rejects(refused, failsWith(GitFailure.REFUSED_PROTOCOL), url);
    }
  });

  it('reads the first file that is there, and follows no link', async () => {
    const { repo, mirror } = fresh();
    repo.commit({
      'b.yml': 'b',
      'sub/a.yml': 'sub',
      'bin.yml': Buffer.from([0xff, 0xfe]),
      'big.yml': 'x'.repeat(101),
    });
    repo.link('link.yml', '/etc/passwd');
    const commit = repo.link('dir', 'sub');
    await mirror.resolve({ commit });
    const read = (...paths: string[]): ReturnType<Mirror['readFirstFile']> =>
      mirror.readFirstFile(commit, paths, { maxBytes: 100 });
    assert.deepEqual(await read('a.yml', 'b.yml'), { kind: 'FILE', path: 'b.yml', text: 'b' });
    assert.deepEqual(await read('sub/a.yml'), { kind: 'FILE', path: 'sub/a.yml', text: 'sub' });
    assert.deepEqual(await read('a.yml', 'dir/a.yml', '*.yml', ':(glob)**'), { kind: 'ABSENT' });
    for (const [path, reason] of [
      ['link.yml', /symbolic link/],
      ['sub', /no file/],
      ['bin.yml', /not UTF-8/],
      ['big.yml', /101 bytes, expected at most 100/],
    ] as const) {
      const file = await read(path);
      assert.equal(file.kind, 'UNREADABLE', path);
      assert.match(file.kind === 'UNREADABLE' ? file.reason : '', reason);
    }
  });

  it('lists what a commit, a range and a pull request touch', async () => {
    const { repo, mirror } = fresh();
    const root = repo.commit({ a: '1', 'größe/b c': '1' });
    repo.git('checkout', '--quiet', '-b', 'feature');
    repo.commit({ c: '1' });
    const feature = repo.commit({ a: null, d: '1' });
    repo.git('checkout', '--quiet', 'main');
    const main = repo.commit({ e: '1' });
    for (const commit of [feature, main]) await mirror.resolve({ commit });
    assert.deepEqual(await mirror.changedPaths(root), ['a', 'größe/b c']);
    assert.deepEqual(await mirror.changedPaths(feature), ['a', 'd']);
    assert.deepEqual(await mirror.changedPaths(feature, { base: root }), ['a', 'c', 'd']);
    assert.deepEqual(await mirror.changedPaths(feature, { base: main }), ['a', 'c', 'd', 'e']);
    assert.deepEqual(await mirror.changedPaths(feature, { base: main, sinceFork: true }), ['a', 'c', 'd']);
    repo.git('merge', '--quiet', '--no-edit', 'feature');
    const merge = await mirror.resolve({ ref: 'refs/heads/main' });
    assert.deepEqual(await mirror.changedPaths(merge), ['a', 'c', 'd']);
  });

  it('makes a broken mirror again', async () => {
    const breakages: ((dir: string) => void)[] = [
      (dir) => rmSync(join(dir, 'objects'), { recursive: true }),
      (dir) => rmSync(join(dir, 'HEAD')),
      (dir) => truncateSync(join(dir, 'config')),
      (dir) => emptyObjects(dir),
      (dir) => lockRefs(dir),
      (dir) => {
        rmSync(dir, { recursive: true });
        writeFileSync(dir, 'no directory');
      },
    ];
    for (const [index, damage] of breakages.entries()) {
      const { repo, mirror, dir } = fresh();
      repo.commit({ a: '1' });
      await mirror.resolve({ ref: 'refs/heads/main' });
      damage(dir);
      const commit = repo.commit({ a: '2' });
      assert.equal(await mirror.resolve({ ref: 'refs/heads/main' }), commit, `damage ${index}`);
      assert.deepEqual(await mirror.changedPaths(commit), ['a'], `damage ${index}`);
    }
  });

  it('throws away a mirror whose objects cannot be read, so that the next try has a new one', async () => {
    const { repo, mirror, dir } = fresh();
    const commit = repo.commit({ a: '1' });
    await mirror.resolve({ commit });
    const tree = repo.git('rev-parse', `${commit}^{tree}`);
    removeObject(dir, tree, repo);
    const reading = mirror.readFirstFile(commit, ['a'], { maxBytes: 10 });
    await assert.rejects(reading, failsWith(GitFailure.BROKEN_MIRROR));
    assert.equal(existsSync(dir), false);
    await mirror.resolve({ commit });
    assert.deepEqual(await mirror.readFirstFile(commit, ['a'], { maxBytes: 10 }), {
      kind: 'FILE',
      path: 'a',
      text: '1',
    });
  });

  it('may be made and used by several at once', async () => {
    const { repo, dir } = fresh();
    const id = `r${count}`;
    const commits = Array.from({ length: 4 }, (_, index) => {
      const commit = repo.commit({ a: `${index}` });
      repo.git('branch', `b${index}`);
      return commit;
    });
    const found = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        mirrorOf(id, repo.path).resolve({ ref: `refs/heads/b${index % 4}` }),
      ),
    );
    assert.deepEqual(found, [...commits, ...commits, ...commits]);
    const left = readdirSync(join(dir, '..')).filter((name) => name.startsWith(`${id}.git.`));
    assert.deepEqual(left, []);
  });

  it('reads a repository of another owner', async function () {
    if (process.getuid?.() !== 0) skipBecause('needs root', this);
    const { repo, mirror } = fresh();
    const commit = repo.commit({ a: '1' });
    for (const path of [repo.path, join(repo.path, '.git')]) chownSync(path, 65_534, 65_534);
    assert.equal(await mirror.resolve({ ref: 'refs/heads/main' }), commit);
  });
});

function emptyObjects(dir: string): void {
  for (const entry of readdirSync(join(dir, 'objects'), { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) {
      rmSync(join(entry.parentPath, entry.name));
      writeFileSync(join(entry.parentPath, entry.name), '');
    }
  }
}

/** As a killed git leaves them. */
function lockRefs(dir: string): void {
  const names = join(dir, 'refs/slipway/names');
  for (const name of readdirSync(names)) writeFileSync(join(names, `${name}.lock`), '');
}

function removeObject(dir: string, id: string, repo: ScratchRepo): void {
  const loose = join(dir, 'objects', id.slice(0, 2), id.slice(2));
  assert.ok(existsSync(loose), `${repo.path}: a small fetch stores loose objects`);
  rmSync(loose);
}
