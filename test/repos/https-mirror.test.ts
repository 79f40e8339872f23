import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CloneCredential } from '../../src/protocol/messages.js';
import { AddressGuard, Git, GitError, GitFailure, Mirrors, type Mirror } from '../../src/repos/index.js';
import { basic } from '../support/git-servers/https-git-server.js';
import { useHttpsGitServer } from '../support/git-servers/use-https-git-server.js';
import { eventually } from '../support/eventually.js';
import { loopbackGuard } from '../support/repos-context.js';
import { scratchDir } from './scratch-repo.js';

const login = { username: 'robot', token: 'canary-token-3f9a' };
const credential: CloneCredential = { kind: 'HTTPS_TOKEN', ...login };

describe('Mirror over https', () => {
  const https = useHttpsGitServer();
  const scratch = scratchDir();
  let count = 0;

  interface Wish {
    readonly caFile?: string | null;
    readonly credential?: CloneCredential;
    readonly guard?: AddressGuard;
    readonly timeoutMs?: number;
  }

  function mirrorOf(cloneUrl: string, wish: Wish = {}): Mirror {
    const { caFile = https.authority.file, guard = loopbackGuard, timeoutMs = 60_000 } = wish;
    const git = new Git({ ...(caFile !== null && { caFile }), guard, remoteTimeoutMs: timeoutMs });
    const credentials = { of: () => Promise.resolve(wish.credential ?? null) };
    const mirrors = new Mirrors({ git, dir: join(scratch.path, 'mirrors'), credentials });
    return mirrors.of({ id: `r${++count}`, cloneUrl });
  }

  async function failsWith(what: GitFailure, mirror: Mirror, words = /./): Promise<void> {
    await assert.rejects(mirror.resolve({ ref: 'refs/heads/main' }), (error) => {
      assert.ok(error instanceof GitError, String(error));
      assert.equal(error.what, what, error.message);
      assert.match(error.message, words);
      assert.doesNotMatch(error.message, /canary|Basic/);
      return true;
    });
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

  it('shows the token to the server that wants it, and keeps it out of the mirror', async () => {
    https.server.behaviour = { login };
    const repo = await https.repo('private.git');
    const commit = await repo.commit({ 'a.txt': 'one' });
    const mirror = mirrorOf(https.server.urlOf('private.git'), { credential });
    assert.equal(await mirror.resolve({ ref: 'refs/heads/main' }), commit);
    assert.equal(https.server.authorizations.at(-1), basic(login));
    for (const file of filesBelow(join(scratch.path, 'mirrors'))) {
      assert.ok(!readFileSync(file, 'latin1').includes('canary'), file);
    }
  });

  it('connects to the address that was checked, whatever a name server would say', async () => {
    const repo = await https.repo('pinned.git');
    const commit = await repo.commit({ 'a.txt': 'one' });
    const mirror = mirrorOf(https.server.urlOf('pinned.git', 'git.test'));
    assert.equal(await mirror.resolve({ ref: 'refs/heads/main' }), commit);
  });

  it('does not connect to an address that is not allowed', async () => {
    const mirror = mirrorOf(https.server.urlOf('team/site.git'), { guard: new AddressGuard([]) });
    await failsWith(GitFailure.REFUSED_ADDRESS, mirror, /SLIPWAY_GIT_ALLOW_HOSTS/);
    assert.deepEqual(https.server.authorizations, []);
  });

  it('says that a token is refused', async () => {
    https.server.behaviour = { login: { ...login, token: 'another' } };
    const mirror = mirrorOf(https.server.urlOf('private.git'), { credential });
    await failsWith(GitFailure.ACCESS_DENIED, mirror, /does not take the token/);
  });

  it('says so as well when a commit is looked for, and asks no further', async () => {
    https.server.behaviour = { login: { ...login, token: 'another' } };
    const mirror = mirrorOf(https.server.urlOf('private.git'), { credential });
    await assert.rejects(
      mirror.resolve({ commit: 'f'.repeat(40), ref: 'refs/heads/main' }),
      (error) => error instanceof GitError && error.what === GitFailure.ACCESS_DENIED,
    );
    assert.equal(https.server.authorizations.length, 1);
  });

  it('says that a token is wanted', async () => {
    https.server.behaviour = { login };
    const mirror = mirrorOf(https.server.urlOf('private.git'));
    await failsWith(GitFailure.ACCESS_DENIED, mirror, /the repo has none/);
  });

  it('says that a token is not enough', async () => {
    https.server.behaviour = { fault: { status: 403 } };
    const mirror = mirrorOf(https.server.urlOf('private.git'), { credential });
    await failsWith(GitFailure.ACCESS_DENIED, mirror, /does not take the token/);
  });

  it('does not believe a server whose authority it was not told', async () => {
    const mirror = mirrorOf(https.server.urlOf('private.git'), { caFile: null, credential });
    await failsWith(GitFailure.UNTRUSTED_CERTIFICATE, mirror, /SLIPWAY_GIT_CA_FILE/);
    assert.deepEqual(https.server.authorizations, []);
  });

  it('says that there is no such repository', async () => {
    await failsWith(GitFailure.REPO_NOT_FOUND, mirrorOf(https.server.urlOf('nowhere.git')));
  });

  it('follows no redirect, so that no other host is ever asked or shown the token', async () => {
    https.server.behaviour = { fault: { redirectTo: `https://localhost:${https.server.port}` } };
    const mirror = mirrorOf(https.server.urlOf('private.git'), { credential });
    await failsWith(GitFailure.REDIRECTED, mirror, /give that address/);
    assert.equal(https.server.authorizations.length, 1);
  });

  it('takes an answer that ends in the middle for an unreachable server, to be asked again', async () => {
    const repo = await https.repo('broken.git');
    await repo.commit({ 'a.txt': 'one' });
    https.server.behaviour = { fault: 'BREAK_OFF' };
    await failsWith(GitFailure.UNREACHABLE, mirrorOf(https.server.urlOf('broken.git')));
  });

  it('gives up on a server that does not answer, and ends what waits for it', async () => {
    https.server.behaviour = { fault: 'HANG' };
    const mirror = mirrorOf(https.server.urlOf('broken.git'), { timeoutMs: 1000 });
    await failsWith(GitFailure.TIMEOUT, mirror, /within 1 s/);
    await eventually(() => https.server.connections === 0);
  });

  it('tells an empty repository from one that is not there', async () => {
    await https.repo('empty.git');
    await failsWith(GitFailure.UNKNOWN_REF, mirrorOf(https.server.urlOf('empty.git')));
  });
});

function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
