import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { useHttpsGitServer } from '../../support/git-servers/use-https-git-server.js';
import { Cloner } from '../support/cloner.js';
import { useScratch } from '../support/scratch.js';

describe('cloneCheckout over https', () => {
  const https = useHttpsGitServer();
  const scratch = useScratch();
  let cloner: Cloner;

  beforeEach(() => {
    cloner = new Cloner(scratch.path, randomUUID());
  });

  it('checks out a commit of a real https server whose authority it was told', async () => {
    const repo = await https.repo('site.git');
    const commit = await repo.commit({ 'a.txt': 'one' });
    const url = https.server.urlOf('site.git');
    const outcome = await cloner.clone({ url, commit, caFile: https.authority.file });
    assert.deepEqual(outcome, { kind: 'CLONED' }, cloner.log);
    assert.equal(await readFile(join(cloner.workspace.source, 'a.txt'), 'utf8'), 'one');
  });

  it('does not believe a server whose authority it was not told', async () => {
    const outcome = await cloner.clone({ url: https.server.urlOf('site.git'), commit: 'f'.repeat(40) });
    assert.equal(outcome.kind, 'FAILED');
    assert.match(cloner.log, /certificate/);
    assert.deepEqual(https.server.authorizations, []);
  });
});
