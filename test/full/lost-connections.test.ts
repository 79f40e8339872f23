import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GitRepo } from '../agent/support/git-repo.js';
import { testDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { Installation } from '../support/installation.js';
import { assertSound } from '../support/world/auditor.js';

const BUILDS = 12;
const PIPELINE = 'version: "1"\nsteps:\n  - name: hello\n    commands: [echo hello, sleep 0.3]\n';

// What a restart or failover of PostgreSQL does to a server: every connection ends, some of them during a commit.
describe('a database that drops every connection, again and again', function () {
  this.timeout(180_000);
  const database = testDatabase();
  let directory: string;
  let installation: Installation;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'slipway-drops-'));
    installation = new Installation(database, directory);
  });

  after(async () => {
    await installation.stop();
    await assertSound(database);
    await rm(directory, { recursive: true, force: true });
  });

  it('loses no build, runs none twice, and leaves the server up', async () => {
    const server = await installation.startServer();
    await installation.startWorker({ name: 'w', limit: 4 });
    await addRepo();
    const created = Array.from({ length: BUILDS }, (_, index) => createBuild(`key-${index}`));
    for (let round = 0; round < 6; round += 1) {
      await untilFinished(round * 2);
      await database.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and application_name like 'slipway%'`,
      );
    }
    await Promise.all(created);
    await untilFinished(BUILDS);
    const jobs = await database.query(
      'select state, attempts, count(*)::integer from jobs group by state, attempts',
    );
    assert.deepEqual(jobs, [{ state: 'COMPLETE', attempts: 1, count: BUILDS }]);
    assert.ok(server.isRunning);
  });

  async function addRepo(): Promise<void> {
    const source = join(directory, 'source');
    await (await GitRepo.create(source)).commit({ '.slipway.yml': PIPELINE });
    const added = await installation.cli('repo', 'add', 'drops/repo', '--url', source);
    assert.equal(added.code, 0, added.stderr);
  }

  /** A call that failed for want of a database is made again; its key makes that harmless. */
  async function createBuild(key: string): Promise<void> {
    await eventually(
      async () =>
        (await installation.cli('build', 'create', 'drops/repo', '--idempotency-key', key)).code === 0,
      { guardMs: 120_000, what: `change ${key}` },
    );
  }

  async function untilFinished(count: number): Promise<void> {
    await eventually(
      async () => {
        const [row] = await database.query<{ count: number }>(
          'select count(*)::integer as count from jobs where finished_at is not null',
        );
        return (row?.count ?? 0) >= count;
      },
      { guardMs: 120_000, what: `${count} finished builds` },
    );
  }
});
