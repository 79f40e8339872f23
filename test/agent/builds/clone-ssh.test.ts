import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CloneCredential } from '../../../src/protocol/messages.js';
import { eventually } from '../../support/eventually.js';
import { makeKey } from '../../support/git-servers/ssh-git-server.js';
import { useSshGitServer } from '../../support/git-servers/use-ssh-git-server.js';
import { Cloner } from '../support/cloner.js';
import { filesHolding } from '../support/files-holding.js';
import { useScratch } from '../support/scratch.js';

const NO_COMMIT = 'f'.repeat(40);
const BUILD = /SLIPWAY_BUILD_ID=([0-9a-f-]+)/;

describe('cloneCheckout over ssh', () => {
  const ssh = useSshGitServer();
  const scratch = useScratch();
  const build = randomUUID();
  let cloner: Cloner;
  let TMPDIR: string | undefined;

  beforeEach(async () => {
    ({ TMPDIR } = process.env);
    // What the clone leaves behind is looked for in a directory that is nobody else's.
    process.env.TMPDIR = join(scratch.path, 't');
    await mkdir(process.env.TMPDIR);
    cloner = new Cloner(scratch.path, build);
  });

  afterEach(() => {
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
  });

  function credential(given: Partial<Extract<CloneCredential, { kind: 'SSH_KEY' }>> = {}): CloneCredential {
    const { privateKey } = ssh.key;
    return { kind: 'SSH_KEY', privateKey, knownHosts: ssh.server.knownHosts, ...given };
  }

  it('checks out a commit of a real sshd, and leaves nothing of the key on the disk', async () => {
    const repo = await ssh.repo('site.git');
    const commit = await repo.commit({ 'a.txt': 'one' });
    const outcome = await cloner.clone({
      url: ssh.server.urlOf(repo.path),
      commit,
      credential: credential(),
    });
    assert.deepEqual(outcome, { kind: 'CLONED' }, cloner.log);
    assert.equal(await readFile(join(cloner.workspace.source, 'a.txt'), 'utf8'), 'one');
    const secret = ssh.key.privateKey.split('\n')[2]!;
    assert.deepEqual(await filesHolding(scratch.path, [secret]), []);
    assert.deepEqual(await readdir(join(scratch.path, 't')), []);
    assert.doesNotMatch(cloner.log, /PRIVATE KEY/);
    await noProcessLeft();
  });

  for (const [what, wrong, words] of [
    [
      'a key that the server refuses',
      () => credential({ privateKey: makeKey(ssh.directory).privateKey }),
      /does not take the key/,
    ],
    [
      'a host that is not known',
      () => credential({ knownHosts: ssh.server.knownHosts.replace('127.0.0.1', '127.0.0.9') }),
      /ssh-keyscan -p \d+ 127\.0\.0\.1/,
    ],
    ['a key that is none', () => credential({ privateKey: 'no key\n' }), /does not take the key/],
  ] as const) {
    it(`says so for ${what}`, async () => {
      const url = ssh.server.urlOf('/srv/x');
      const outcome = await cloner.clone({ url, commit: NO_COMMIT, credential: wrong() });
      assert.ok(outcome.kind === 'FAILED');
      assert.match(outcome.error, words);
      assert.deepEqual(await readdir(join(scratch.path, 't')), []);
    });
  }

  it('says that a host has another key than before', async () => {
    const before = credential();
    await ssh.server.replaceHostKey();
    const outcome = await cloner.clone({
      url: ssh.server.urlOf('/srv/x'),
      commit: NO_COMMIT,
      credential: before,
    });
    assert.match(outcome.kind === 'FAILED' ? outcome.error : '', /another host key/);
  });

  it('ends everything of a clone that hangs when it is told to', async () => {
    ssh.server.authorize(ssh.key, 'command="echo started >&2; sleep 600"');
    const stop = new AbortController();
    const url = ssh.server.urlOf('/srv/x');
    const cloning = cloner.clone({ url, commit: NO_COMMIT, credential: credential(), stop: stop.signal });
    await eventually(() => cloner.log.includes('started'), { guardMs: 60_000 });
    stop.abort();
    assert.equal((await cloning).kind, 'FAILED');
    assert.deepEqual(await readdir(join(scratch.path, 't')), []);
    await noProcessLeft();
  });

  /** ssh-agent looks every ten seconds whether it is still wanted. */
  function noProcessLeft(): Promise<boolean> {
    return eventually(async () => (await processesOf(build)).length === 0, {
      guardMs: 60_000,
      what: 'git, ssh and ssh-agent are gone',
    });
  }
});

/** Programs that run with the mark of the build. */
async function processesOf(build: string): Promise<string[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const environments = await Promise.all(
    ids.map((id) => readFile(join('/proc', id, 'environ'), 'utf8').catch(() => '')),
  );
  return environments.filter((text) => BUILD.exec(text)?.[1] === build);
}
