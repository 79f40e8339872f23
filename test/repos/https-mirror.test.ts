import assert from 'node:assert/strict';
import { join } from 'node:path';
import { Git, GitError, GitFailure, Mirrors, type Mirror } from '../../src/repos/index.js';
import { useHttpsGitServer } from '../support/git-servers/use-https-git-server.js';
import { scratchDir } from './scratch-repo.js';

describe('Mirror over https', () => {
  const https = useHttpsGitServer();
  const scratch = scratchDir();
  let count = 0;

  function mirrorOf(cloneUrl: string, caFile: string | null = https.authority.file): Mirror {
    const git = new Git(caFile === null ? {} : { caFile });
    const mirrors = new Mirrors({ git, dir: join(scratch.path, 'mirrors') });
    return mirrors.of({ id: `r${++count}`, cloneUrl });
  }

  it('clones from a real https server whose authority is ours', async () => {
    const repo = await https.repo('team/site.git');
    const commit = await repo.commit({ 'a.txt': 'one' });
    const mirror = mirrorOf(https.server.urlOf('team/site.git'));
    assert.equal(await mirror.resolve({ ref: 'refs/heads/main' }), commit);
    assert.deepEqual(await mirror.readFirstFile(commit, ['a.txt'], { maxBytes: 10 }), {
      kind: 'FILE',
      path: 'a.txt',
      text: 'one',
    });
  });

  it('does not believe a server whose authority it was not told', async () => {
    const mirror = mirrorOf(https.server.urlOf('team/site.git'), null);
    const resolving = mirror.resolve({ ref: 'refs/heads/main' });
    await assert.rejects(
      resolving,
      (error) => error instanceof GitError && error.what === GitFailure.UNREACHABLE,
    );
    assert.deepEqual(https.server.authorizations, []);
  });
});
