import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GitRepo } from '../agent/support/git-repo.js';
import { testDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { Installation, type InstallationOptions } from '../support/installation.js';
import { assertSound } from '../support/world/auditor.js';

/** Says that it runs, waits until the test lets it go, and leaves one line for each time that it came to its end. */
const pipeline = (directory: string): string => `version: "1"
steps:
  - name: wait
    commands:
      - echo started >> ${directory}/started
      - while [ ! -e ${directory}/go ]; do sleep 0.1; done
      - echo "$SLIPWAY_BUILD_ID" >> ${directory}/ended
`;

describe('a process that is killed with -9', function () {
  this.timeout(180_000);

  describe('an agent', () => {
    const scene = lostScene({ shortLeases: true });

    it('loses its lease, and the job gets a new build on another worker', async () => {
      await scene.installation.startServer();
      const first = await scene.installation.startWorker({ name: 'agent-1', driver: 'process' });
      await scene.startBuild('lost/agent');
      await first.kill('SIGKILL');
      await scene.installation.startWorker({ name: 'agent-2', driver: 'process' });
      await scene.until('a second start', async () => (await scene.lines('started')).length === 2);
      await scene.letGo();
      await scene.untilComplete();
      const builds = await scene.database.query('select attempt, status from builds order by offer');
      assert.deepEqual(builds, [
        { attempt: 1, status: 'LOST' },
        { attempt: 2, status: 'SUCCESS' },
      ]);
      assert.equal((await scene.lines('ended')).length, 1, 'the killed agent has taken its steps with it');
    });
  });

  describe('a server', () => {
    const scene = lostScene();

    it('starts again, and the agent resumes with its build running', async () => {
      const server = await scene.installation.startServer();
      await scene.installation.startWorker({ name: 'agent-3', driver: 'process' });
      await scene.startBuild('lost/server');
      await server.kill('SIGKILL');
      await scene.installation.startServer();
      await scene.letGo();
      await scene.untilComplete();
      const builds = await scene.database.query('select attempt, status from builds');
      assert.deepEqual(builds, [{ attempt: 1, status: 'SUCCESS' }]);
      assert.equal((await scene.lines('started')).length, 1, 'the build was not started again');
      const log = await scene.installation.cli('log', 'view', 'lost/server#1');
      assert.match(log.stdout, /echo started/);
    });
  });
});

/** A database, a directory and an installation for one test, and what the tests do with them. */
function lostScene(options: InstallationOptions = {}) {
  const database = testDatabase();
  let directory: string;
  let installation: Installation;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'slipway-lost-'));
    installation = new Installation(database, directory, options);
  });

  after(async () => {
    await installation.stop();
    await assertSound(database);
    await rm(directory, { recursive: true, force: true });
  });

  /** Adds a repo, starts its build and resolves once its step runs. */
  async function startBuild(repo: string): Promise<void> {
    const source = join(directory, 'source');
    await (await GitRepo.create(source)).commit({ '.slipway.yml': pipeline(directory) });
    for (const args of [
      ['repo', 'add', repo, '--url', source],
      ['build', 'create', repo],
    ]) {
      const done = await installation.cli(...args);
      assert.equal(done.code, 0, done.stderr);
    }
    await until('a start', async () => (await lines('started')).length === 1);
  }

  async function lines(name: string): Promise<string[]> {
    const text = await readFile(join(directory, name), 'utf8').catch(() => '');
    return text.split('\n').filter((line) => line !== '');
  }

  function letGo(): Promise<void> {
    return writeFile(join(directory, 'go'), '');
  }

  async function until(what: string, check: () => Promise<boolean>): Promise<void> {
    await eventually(check, { guardMs: 60_000, what });
  }

  function untilComplete(): Promise<void> {
    return until('COMPLETE', async () => {
      const [job] = await database.query<{ state: string }>('select state from jobs');
      return job?.state === 'COMPLETE';
    });
  }

  return {
    database,
    get installation() {
      return installation;
    },
    startBuild,
    lines,
    letGo,
    until,
    untilComplete,
  };
}
