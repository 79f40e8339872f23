import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { testDatabase } from '../support/database.js';
import { Installation } from '../support/installation.js';
import { spawnProcess } from '../support/processes.js';
import { isInstalled, skipBecause } from '../support/skip.js';
import { assertSound } from '../support/world/auditor.js';

// Real input: this very repository, type-checked and tested by its own .slipway.yml, on a worker that was pushed the
// work, in a sandbox where the machine can make one.
describe('a build of this repository by itself', function () {
  this.timeout(600_000);
  const database = testDatabase();
  let directory: string;
  let clone: string;
  let installation: Installation;

  before('start server and worker', async function () {
    if (!existsSync('.git')) skipBecause('needs a git checkout', this);
    directory = await mkdtemp(join(tmpdir(), 'slipway-itself-'));
    clone = join(directory, 'clone');
    await git('.', 'clone', '--quiet', '--no-hardlinks', '--', resolve('.'), clone);
    installation = new Installation(database, directory);
    await installation.startServer();
    await installation.startWorker({ name: 'w1', mounts: [`${resolve('node_modules')}:node_modules:ro`] });
    const added = await installation.cli('repo', 'add', 'slipway/itself', '--url', clone);
    assert.equal(added.code, 0, added.stderr);
  });

  after(async () => {
    await installation.stop();
    await assertSound(database);
    await rm(directory, { recursive: true, force: true });
  });

  it('is green as committed', async () => {
    const built = await installation.cli('build', 'create', 'slipway/itself', '--watch');
    assert.equal(built.code, 0, built.stdout + built.stderr);
    const log = await installation.cli('log', 'view', 'slipway/itself#1');
    assert.match(log.stdout, isInstalled('bwrap') ? /sandbox driver: / : /process driver: /);
    assert.match(log.stdout, /tsc -p \. --incremental false/);
    assert.match(log.stdout, /[1-9]\d* passing/);
    assert.doesNotMatch(log.stdout, /error TS/);
  });

  it("is red with a type error, and the log has the compiler's message", async () => {
    await appendFile(
      join(clone, 'src/base/deferred.ts'),
      "\nexport const broken: number = 'not a number';\n",
    );
    await git(
      clone,
      '-c',
      'user.name=t',
      '-c',
      'user.email=t@localhost',
      'commit',
      '--quiet',
      '-am',
      'Break it',
    );
    const built = await installation.cli('build', 'create', 'slipway/itself', '--watch');
    assert.equal(built.code, 1, built.stdout + built.stderr);
    const log = await installation.cli('log', 'view', 'slipway/itself#2');
    assert.match(
      log.stdout,
      /src\/base\/deferred\.ts\(\d+,\d+\): error TS2322: Type 'string' is not assignable/,
    );
    const listed = await installation.cli('build', 'list', '--output', 'json');
    const states = (JSON.parse(listed.stdout) as { state: string }[]).map(({ state }) => state);
    assert.deepEqual(states, ['FAILED', 'COMPLETE']);
  });
});

async function git(cwd: string, ...args: string[]): Promise<void> {
  const child = await spawnProcess('git', args, { cwd });
  const { code } = await child.exit;
  assert.equal(code, 0, child.output);
}
