import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { access, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createChange } from '../../src/cli/operations.js';
import { GitRepo } from '../agent/support/git-repo.js';
import { testDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { Installation } from '../support/installation.js';
import { type TestProcess } from '../support/processes.js';
import { assertSound } from '../support/world/auditor.js';

const MEGABYTE = 1_000_000;
/** A step of a build: 0 is init, 1 the clone. */
const FIRST_STEP = 2;
/** A server or an agent that held a log would have many times as much. */
const MOST_RSS_KIB = 700 * 1024;

describe('logs that are large', function () {
  this.timeout(300_000);

  describe('100 MB of any bytes and one line of 30 MB, of one build', () => {
    const scene = largeScene();

    it('are complete, first and last byte, and nobody held them in memory', async () => {
      const bytes = await scene.writeBytes(100 * MEGABYTE);
      const { server, worker } = await scene.start({ limit: 1 });
      await scene.addRepo('large/one', [`cat ${scene.path('bytes')}`, `head -c ${30 * MEGABYTE} /dev/zero`]);
      await scene.build('large/one', 1);
      const early = await scene.installation.cli('log', 'view', 'large/one#1', '--step', 'step-2');
      assert.match(early.stdout, /^.*cat .*bytes\n/, 'a late reader sees line 1');
      const { code, stderr } = await scene.installation.cli(
        'log',
        'download',
        'large/one#1',
        '--dir',
        'saved',
      );
      assert.equal(code, 0, stderr);
      const saved = (await readdir(scene.path('saved'))).sort();
      const [first, second] = await Promise.all(
        saved.slice(FIRST_STEP).map((name) => readFile(join(scene.path('saved'), name))),
      );
      assert.ok(endsWith(first, bytes));
      assert.ok(endsWith(second, Buffer.alloc(30 * MEGABYTE)));
      await scene.untilArchived();
      for (const process of [server, worker]) {
        const peak = await peakRssKib(process);
        assert.ok(peak < MOST_RSS_KIB, `a process took ${peak} KiB`);
      }
    });
  });

  describe('20 builds of 10 MB at once', () => {
    const scene = largeScene();

    it('are complete, each its own, and starve no heartbeat', async () => {
      const bytes = await scene.writeBytes(10 * MEGABYTE);
      const { server } = await scene.start({ limit: 20 });
      await scene.addRepo('large/many', [`echo "build $SLIPWAY_BUILD_ID"; cat ${scene.path('bytes')}`]);
      await scene.build('large/many', 20);
      const builds = await scene.database.query<{ id: string }>('select id from builds');
      assert.equal(builds.length, 20);
      for (const { id } of builds) {
        const log = await scene.download(id, FIRST_STEP);
        assert.ok(endsWith(log, Buffer.concat([Buffer.from(`build ${id}\n`), bytes])));
      }
      const sessions = await scene.database.query(`select state from worker_sessions`);
      assert.deepEqual(sessions, [{ state: 'READY' }], 'the session of the worker lasted');
      const peak = await peakRssKib(server);
      assert.ok(peak < MOST_RSS_KIB, `the server took ${peak} KiB`);
      await scene.untilArchived();
    });
  });

  describe('a log whose server is killed with -9 in its middle', () => {
    const scene = largeScene();

    it('has no gap and no piece twice', async () => {
      const bytes = await scene.writeBytes(30 * MEGABYTE);
      const { server } = await scene.start({ limit: 1 });
      const [path, half] = [scene.path('bytes'), 15 * MEGABYTE];
      const command = `head -c ${half} ${path}; touch ${scene.path('half')}; tail -c +${half + 1} ${path}`;
      await scene.addRepo('large/killed', [command]);
      const done = scene.build('large/killed', 1);
      await eventually(() => access(scene.path('half')).then(() => true), { guardMs: 60_000, what: 'half' });
      await server.kill('SIGKILL');
      await scene.installation.startServer();
      await done;
      const [build] = await scene.database.query<{ id: string; status: string }>(
        'select id, status from builds',
      );
      assert.equal(build?.status, 'SUCCESS');
      assert.ok(endsWith(await scene.download(build.id, FIRST_STEP), bytes));
      await scene.untilArchived();
      assert.ok(endsWith(await scene.download(build.id, FIRST_STEP), bytes));
    });
  });
});

/** A database, a directory and an installation for one test, and what the tests do with them. */
function largeScene() {
  const database = testDatabase();
  let directory: string;
  let installation: Installation;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'slipway-large-'));
    installation = new Installation(database, directory);
  });

  after(async () => {
    await installation.stop();
    await assertSound(database);
    await rm(directory, { recursive: true, force: true });
  });

  const path = (name: string): string => join(directory, name);

  /** Random bytes, also as the file `bytes`: no character of them is whole for long. */
  async function writeBytes(size: number): Promise<Buffer> {
    const bytes = randomBytes(size);
    await writeFile(path('bytes'), bytes);
    return bytes;
  }

  async function start({ limit }: { limit: number }): Promise<{ server: TestProcess; worker: TestProcess }> {
    const server = await installation.startServer();
    return { server, worker: await installation.startWorker({ name: 'large', limit, driver: 'process' }) };
  }

  /** A repo with a step for each command. */
  async function addRepo(repo: string, commands: readonly string[]): Promise<void> {
    const source = path('source');
    const steps = commands.map((command, index) => ({
      name: `step-${index + FIRST_STEP}`,
      commands: [command],
    }));
    await (await GitRepo.create(source)).commit({ '.slipway.yml': JSON.stringify({ version: '1', steps }) });
    const added = await installation.cli('repo', 'add', repo, '--url', source);
    assert.equal(added.code, 0, added.stderr);
    await database.query('update repos set build_limit = 100');
  }

  /** Builds the repo so many times at once; resolves when all of it is COMPLETE. */
  async function build(repo: string, times: number): Promise<void> {
    const input = { repo, event: 'push', branch: 'main' };
    await Promise.all(
      Array.from({ length: times }, () => installation.client.request(createChange, { input })),
    );
    await eventually(
      async () => {
        const jobs = await database.query<{ state: string }>('select state from jobs');
        assert.ok(!jobs.some(({ state }) => state === 'FAILED'), 'a build has failed');
        return jobs.length === times && jobs.every(({ state }) => state === 'COMPLETE');
      },
      { guardMs: 240_000, what: `${times} builds COMPLETE` },
    );
  }

  async function download(buildId: string, step: number): Promise<Buffer> {
    const { url, token } = installation.client.endpoint;
    const response = await fetch(`${url}/logs/${buildId}/${step}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    assert.equal(response.status, 200);
    return Buffer.from(await response.arrayBuffer());
  }

  async function untilArchived(): Promise<void> {
    await eventually(async () => (await database.query('select 1 from log_chunks limit 1')).length === 0, {
      guardMs: 120_000,
      what: 'an empty table of chunks',
    });
  }

  return {
    database,
    get installation() {
      return installation;
    },
    path,
    writeBytes,
    start,
    addRepo,
    build,
    download,
    untilArchived,
  };
}

/** True when what a step wrote is what stands behind the line that shows its command. */
function endsWith(log: Buffer | undefined, expected: Buffer): boolean {
  return (
    log?.subarray(-expected.byteLength).equals(expected) === true &&
    log.byteLength < expected.byteLength + 1_000
  );
}

async function peakRssKib(process: TestProcess): Promise<number> {
  const status = await readFile(`/proc/${process.pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]);
}
