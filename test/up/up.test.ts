import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '../../src/database/embedded/free-port.js';
import { removeDataDir } from '../../src/database/embedded/home.js';
import { eventually } from '../support/eventually.js';
import type { TestProcess } from '../support/processes.js';
import { isInstalled } from '../support/skip.js';
import { slipway as run, startSlipway, type Outcome } from '../cli/slipway.js';

interface JobRow {
  readonly commit: string;
  readonly event: string;
  readonly repo: string;
  readonly number: number;
  readonly state: string;
}

/** Whether the process that a lock names still runs. */
async function isHeld(lock: string): Promise<boolean> {
  try {
    const { pid } = JSON.parse(await readFile(lock, 'utf8')) as { pid: number };
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

// One folder and one life through all tests, in their order, as a person has it.
describe('slipway up', function () {
  this.timeout(120_000);
  let cwd: string;
  let port: number;
  let up: TestProcess;

  before(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'slipway-up-'));
    // The hardest place for PostgreSQL of a root: a checkout that nobody else may enter.
    await chmod(cwd, 0o700);
    port = await findFreePort();
  });
  after(async () => {
    await up.kill();
    await removeDataDir(join(cwd, '.slipway', 'postgres'));
    await rm(cwd, { recursive: true });
  });

  const slipway = (...args: string[]): Promise<Outcome> => run(args, { cwd });
  const start = (): Promise<TestProcess> => startSlipway(['up', '--port', String(port)], { cwd });
  const listBuilds = async (): Promise<JobRow[]> =>
    JSON.parse((await slipway('build', 'list', '--output', 'json')).stdout) as JobRow[];

  it('builds the sample green on the first start, and says whether builds have a sandbox', async () => {
    up = await start();
    await up.waitForLine(isInstalled('bwrap') ? /each step in a sandbox/ : /builds run without a sandbox/);
    await up.waitForLine(/sample\/hello#1 is green: the first job, \d+\.\d s after the start/, {
      guardMs: 60_000,
    });
    await up.waitForLine(/\.\/bin\/slipway\.js build list/);
  });

  it('keeps its secrets to its owner', async () => {
    for (const name of ['admin-token', 'master-key', 'server.json']) {
      assert.equal((await stat(join(cwd, '.slipway', name))).mode & 0o777, 0o600, name);
    }
    const token = (await readFile(join(cwd, '.slipway', 'admin-token'), 'utf8')).trim();
    assert(!up.output.includes(token));
  });

  it('answers the command line of that directory without login', async () => {
    const [job, ...others] = await listBuilds();
    assert.deepEqual([job?.repo, job?.number, job?.state], ['sample/hello', 1, 'COMPLETE']);
    assert.equal(others.length, 0);
    assert.match((await slipway('log', 'view', '1', '--step', 'pack')).stdout, /packed \d+ bytes/);
    assert.equal((await slipway('build', 'view', '999')).code, 3);
    assert.equal((await slipway('build', 'cancel', '1', '--yes')).code, 5);
    assert.match((await slipway('worker', 'list')).stdout, /AVAILABLE/);
  });

  it('watches a build live, with an exit code', async () => {
    const { code, stdout, stderr } = await slipway('build', 'create', 'sample/hello', '--watch');
    assert.match(stdout, /sample\/hello#\d+ .*COMPLETE/, 'the data are of its end');
    assert.equal(code, 0);
    assert.match(stderr, /✓ test .* s\n(.*\n)*✓ sample\/hello#2 COMPLETE/);
    assert.equal((await slipway('build', 'watch', 'sample/hello#2', '--exit-status')).code, 0);
  });

  it('builds the same commit once more, on demand', async () => {
    const { code, stdout } = await slipway('build', 'rebuild', '1', '--watch', '--output', 'json');
    assert.equal(code, 0);
    const [again, ...others] = JSON.parse(stdout) as {
      number: number;
      state: string;
      commit: string;
      event: string;
    }[];
    const first = (await listBuilds()).find(({ number }) => number === 1);
    assert.deepEqual(
      [others.length, again?.state, again?.commit, again?.event],
      [0, 'COMPLETE', first?.commit, first?.event],
    );
    assert.notEqual(again?.number, 1);
    assert.equal((await slipway('build', 'rebuild', '999')).code, 3);
  });

  it('explains a change that becomes no build', async () => {
    const { code, stdout, stderr } = await slipway('build', 'create', 'sample/hello', '--branch', 'nowhere');
    assert.deepEqual({ code, stdout }, { code: 1, stdout: '' });
    assert.match(stderr, /nowhere/);
  });

  it('refuses a second one in the same folder, and its deletion', async () => {
    const { code, stderr } = await slipway('up');
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(`already runs in .*process ${up.pid}`));
    assert.match((await slipway('reset', '--yes')).stderr, /already runs/);
  });

  it('ends with exit code 0 within seconds of Ctrl-C, and leaves no process', async () => {
    const startedAtMs = performance.now();
    const exit = await up.kill('SIGINT');
    assert.deepEqual(exit, { code: 0, signal: null });
    assert(performance.now() - startedAtMs < 10_000);
    assert(!existsSync(join(cwd, '.slipway', 'server.json')));
    assert.equal((await slipway('build', 'list')).code, 6);
  });

  it('goes on at the second start, on the next port when its own is busy, without a second sample', async () => {
    const busy = createServer().listen(port, '127.0.0.1');
    await once(busy, 'listening');
    up = await start();
    await up.waitForLine(new RegExp(`port ${port} is busy, using \\d+`));
    await up.waitForLine(/Next, in another terminal/);
    assert.equal((await listBuilds()).length, 3);
    const { code } = await slipway('build', 'create', 'sample/hello', '--watch', '--timeout', '60s');
    busy.close();
    assert.equal(code, 0);
    assert.equal((await listBuilds()).length, 4);
  });

  it('says so and stops everything when a part of it dies', async () => {
    const { pid } = JSON.parse(await readFile(join(cwd, '.slipway', 'worker', 'agent.lock'), 'utf8')) as {
      pid: number;
    };
    process.kill(pid, 'SIGKILL');
    assert.deepEqual(await up.exit, { code: 1, signal: null });
    assert.match(up.stderr, /the worker was ended by SIGKILL although nobody stopped it/);
  });

  it('leaves no process behind when it is killed itself', async () => {
    up = await start();
    await up.waitForLine(/Next, in another terminal/);
    const { url } = JSON.parse(await readFile(join(cwd, '.slipway', 'server.json'), 'utf8')) as {
      url: string;
    };
    await up.kill('SIGKILL');
    await eventually(async () => !(await isHeld(join(cwd, '.slipway', 'worker', 'agent.lock'))), {
      what: 'the worker ends',
    });
    await eventually(
      () =>
        fetch(url).then(
          () => false,
          () => true,
        ),
      { what: 'the server ends' },
    );
  });

  it('is deleted by reset, and starts afresh', async () => {
    assert.equal(
      await eventually(async () => {
        const { code } = await slipway('reset', '--yes');
        return code === 0 && 'gone';
      }),
      'gone',
    );
    assert(!existsSync(join(cwd, '.slipway')));
  });
});
