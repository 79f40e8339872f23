import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { CloneCredential } from '../../src/protocol/messages.js';
import { Git, GitError, GitFailure, Mirrors, type Mirror } from '../../src/repos/index.js';
import { makeKey } from '../support/git-servers/ssh-git-server.js';
import { useSshGitServer } from '../support/git-servers/use-ssh-git-server.js';
import { loopbackGuard } from '../support/repos-context.js';
import { scratchDir } from './scratch-repo.js';

describe('Mirror over ssh', () => {
  const ssh = useSshGitServer();
  const scratch = scratchDir();
  let count = 0;

  function mirrorOf(cloneUrl: string, credential: CloneCredential | null): Mirror {
    const git = new Git({ guard: loopbackGuard });
    const credentials = { of: () => Promise.resolve(credential) };
    const mirrors = new Mirrors({ git, dir: join(scratch.path, 'mirrors'), credentials });
    return mirrors.of({ id: `r${++count}`, cloneUrl });
  }

  function credential(given: Partial<Extract<CloneCredential, { kind: 'SSH_KEY' }>> = {}): CloneCredential {
    const { privateKey } = ssh.key;
    return { kind: 'SSH_KEY', privateKey, knownHosts: ssh.server.knownHosts, ...given };
  }

  async function failsWith(what: GitFailure, mirror: Mirror, words: RegExp): Promise<void> {
    await assert.rejects(mirror.resolve({ ref: 'refs/heads/main' }), (error) => {
      assert.ok(error instanceof GitError, String(error));
      assert.equal(error.what, what, error.message);
      assert.match(error.message, words);
      assert.doesNotMatch(error.message, /PRIVATE KEY/);
      return true;
    });
  }

  it('clones from a real sshd, and leaves nothing behind', async () => {
    const { TMPDIR } = process.env;
    process.env.TMPDIR = scratch.path;
    try {
      await cloneFromSshd();
      assert.deepEqual(
        readdirSync(scratch.path).filter((name) => name !== 'mirrors'),
        [],
      );
    } finally {
      process.env.TMPDIR = TMPDIR;
      if (TMPDIR === undefined) delete process.env.TMPDIR;
    }
  });

  async function cloneFromSshd(): Promise<void> {
    const repo = await ssh.repo('site.git');
    const commit = await repo.commit({ 'a.txt': 'one' });
    const mirror = mirrorOf(ssh.server.urlOf(repo.path), credential());
    assert.equal(await mirror.resolve({ ref: 'refs/heads/main' }), commit);
  }

  it('connects to the address that was checked, and judges the host by its name', async () => {
    const repo = await ssh.repo('pinned.git');
    const commit = await repo.commit({ 'a.txt': 'one' });
    const url = ssh.server.urlOf(repo.path).replace('127.0.0.1', 'git.test');
    const knownHosts = ssh.server.knownHosts.replace('127.0.0.1', 'git.test');
    assert.equal(await mirrorOf(url, credential({ knownHosts })).resolve({ ref: 'refs/heads/main' }), commit);
    await failsWith(GitFailure.HOST_KEY_UNKNOWN, mirrorOf(url, credential()), /git\.test/);
  });

  for (const type of ['rsa', 'ecdsa']) {
    it(`takes a key of type ${type}`, async () => {
      const repo = await ssh.repo(`${type}.git`);
      const commit = await repo.commit({ 'a.txt': type });
      const key = makeKey(ssh.directory, { type });
      ssh.server.authorize(key);
      const mirror = mirrorOf(ssh.server.urlOf(repo.path), credential({ privateKey: key.privateKey }));
      assert.equal(await mirror.resolve({ ref: 'refs/heads/main' }), commit);
    });
  }

  it('says that a key is refused', async () => {
    const { privateKey } = makeKey(ssh.directory);
    const mirror = mirrorOf(ssh.server.urlOf('/srv/x'), credential({ privateKey }));
    await failsWith(GitFailure.ACCESS_DENIED, mirror, /does not take the key/);
  });

  it('says that a host is not known, and how its key is had', async () => {
    const mirror = mirrorOf(
      ssh.server.urlOf('/srv/x'),
      credential({ knownHosts: ssh.server.knownHosts.replace('127.0.0.1', '127.0.0.9') }),
    );
    await failsWith(GitFailure.HOST_KEY_UNKNOWN, mirror, /ssh-keyscan -p \d+ 127\.0\.0\.1/);
  });

  it('says that the key of a host has changed', async () => {
    const before = credential();
    await ssh.server.replaceHostKey();
    const mirror = mirrorOf(ssh.server.urlOf('/srv/x'), before);
    await failsWith(GitFailure.HOST_KEY_CHANGED, mirror, /another host key/);
  });

  it('says that there is no such repository', async () => {
    const mirror = mirrorOf(ssh.server.urlOf('/srv/nowhere'), credential());
    await failsWith(GitFailure.REPO_NOT_FOUND, mirror, /no such repository/);
  });

  it('says that nobody listens', async () => {
    const mirror = mirrorOf('ssh://git@127.0.0.1:9/x', credential());
    await failsWith(GitFailure.UNREACHABLE, mirror, /./);
  });

  it('uses no key of the user that it runs as', async () => {
    const mirror = mirrorOf(ssh.server.urlOf('/srv/x'), null);
    await failsWith(GitFailure.ACCESS_DENIED, mirror, /needs a credential/);
  });
});
