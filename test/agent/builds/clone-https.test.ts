import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CloneCredential } from '../../../src/protocol/messages.js';
import { eventually } from '../../support/eventually.js';
import { basic } from '../../support/git-servers/https-git-server.js';
import { useHttpsGitServer } from '../../support/git-servers/use-https-git-server.js';
import { Cloner } from '../support/cloner.js';
import { filesHolding } from '../support/files-holding.js';
import { useScratch } from '../support/scratch.js';

const login = { username: 'robot', token: 'canary-token-b5d2' };
const credential: CloneCredential = { kind: 'HTTPS_TOKEN', ...login };
const NO_COMMIT = 'f'.repeat(40);

describe('cloneCheckout over https', () => {
  const https = useHttpsGitServer();
  const scratch = useScratch();
  let cloner: Cloner;

  beforeEach(() => {
    cloner = new Cloner(scratch.path, randomUUID());
  });

  /** What the build says of a clone that fails; the credential is not in it, nor in the log. */
  async function failure(url = https.server.urlOf('site.git'), caFile?: string): Promise<string> {
    const outcome = await cloner.clone({
      url,
      commit: NO_COMMIT,
      credential,
      caFile: caFile ?? https.authority.file,
    });
    assert.ok(outcome.kind === 'FAILED');
    assert.doesNotMatch(outcome.error + cloner.log, /canary|Basic /);
    assert.ok(cloner.log.includes(outcome.error), cloner.log);
    return outcome.error;
  }

  it('checks out a commit of a real https server whose authority it was told', async () => {
    const repo = await https.repo('site.git');
    const commit = await repo.commit({ 'a.txt': 'one' });
    const url = https.server.urlOf('site.git');
    const outcome = await cloner.clone({ url, commit, caFile: https.authority.file });
    assert.deepEqual(outcome, { kind: 'CLONED' }, cloner.log);
    assert.equal(await readFile(join(cloner.workspace.source, 'a.txt'), 'utf8'), 'one');
  });

  it('shows the token to the server alone, and leaves nothing of it on the disk', async () => {
    https.server.behaviour = { login };
    const repo = await https.repo('private.git');
    const commit = await repo.commit({ 'a.txt': 'one' });
    const url = https.server.urlOf('private.git');
    const outcome = await cloner.clone({ url, commit, credential, caFile: https.authority.file });
    assert.deepEqual(outcome, { kind: 'CLONED' }, cloner.log);
    assert.equal(https.server.authorizations.at(-1), basic(login));
    assert.deepEqual(await filesHolding(scratch.path, [login.token, basic(login)]), []);
    assert.doesNotMatch(cloner.log, /canary|Basic /);
    const config = await readFile(join(cloner.workspace.source, '.git', 'config'), 'utf8');
    assert.match(config, new RegExp(`url = ${url}\n`));
  });

  it('says that a token is refused', async () => {
    https.server.behaviour = { login: { ...login, token: 'another' } };
    assert.match(await failure(), /127\.0\.0\.1 does not take the token/);
  });

  it('does not believe a server whose authority it was not told, and shows it nothing', async () => {
    const outcome = await cloner.clone({
      url: https.server.urlOf('site.git'),
      commit: NO_COMMIT,
      credential,
    });
    assert.match(outcome.kind === 'FAILED' ? outcome.error : '', /SLIPWAY_GIT_CA_FILE/);
    assert.deepEqual(https.server.authorizations, []);
  });

  it('says that there is no such repository', async () => {
    assert.match(await failure(https.server.urlOf('nowhere.git')), /no such repository/);
  });

  it('follows no redirect', async () => {
    https.server.behaviour = { fault: { redirectTo: `https://localhost:${https.server.port}` } };
    assert.match(await failure(), /sends git to another address/);
    assert.equal(https.server.authorizations.length, 1);
  });

  it('says so when the answer ends in the middle', async () => {
    https.server.behaviour = { fault: 'BREAK_OFF' };
    const error = await failure();
    assert.match(error, /could not fetch f{40} from https:.*: \w/);
  });

  it('ends everything of a clone that hangs when it is told to', async () => {
    https.server.behaviour = { fault: 'HANG' };
    const stop = new AbortController();
    const url = https.server.urlOf('site.git');
    const asked = https.server.asked();
    const cloning = cloner.clone({
      url,
      commit: NO_COMMIT,
      credential,
      caFile: https.authority.file,
      stop: stop.signal,
    });
    await asked;
    stop.abort();
    assert.equal((await cloning).kind, 'FAILED');
    await eventually(() => https.server.connections === 0, { guardMs: 60_000 });
  });

  it('does not show a token to a server that is cloned by ssh', async () => {
    const outcome = await cloner.clone({ url: 'git@127.0.0.1:x', commit: NO_COMMIT, credential });
    assert.match(outcome.kind === 'FAILED' ? outcome.error : '', /needs a credential with a key/);
  });
});
