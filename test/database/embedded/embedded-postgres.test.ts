import assert from 'node:assert/strict';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { DomainError } from '../../../src/base/errors.js';
import { silentLogger } from '../../../src/base/logger.js';
import { locatePackage, prepareBinaries } from '../../../src/database/embedded/binaries.js';
import { EmbeddedPostgres } from '../../../src/database/embedded/embedded-postgres.js';
import { findFreePort } from '../../../src/database/embedded/free-port.js';
import { findHome } from '../../../src/database/embedded/home.js';
import { programEnvironment, runAs } from '../../../src/database/embedded/run-program.js';
import { serverArguments } from '../../../src/database/embedded/settings.js';
import { eventually } from '../../support/eventually.js';
import { spawnProcess, type TestProcess } from '../../support/processes.js';
import { isRunning, postmasterPid, scratchDirs } from './scratch-dirs.js';

const ownerProcess = fileURLToPath(new URL('owner-process.js', import.meta.url));

describe('EmbeddedPostgres', () => {
  const scratch = scratchDirs();
  const opened: EmbeddedPostgres[] = [];

  afterEach('stop the servers', async () => {
    for (const postgres of opened.splice(0)) await postgres.stop();
  });

  async function open(dataDir: string): Promise<EmbeddedPostgres> {
    const postgres = await EmbeddedPostgres.open({ dataDir, logger: silentLogger, durability: 'fast' });
    opened.push(postgres);
    return postgres;
  }

  /** A process that holds the server of a data directory and has written one row. */
  async function openInProcess(dataDir: string): Promise<{ owner: TestProcess; url: string }> {
    const owner = await spawnProcess(process.execPath, [ownerProcess, dataDir]);
    const url = (await owner.waitForLine(/^open (.*)/))[1] as string;
    await query(url, 'create table kept as select 17 as number');
    return { owner, url };
  }

  it('speaks UTF-8 and UTC, commits synchronously and sorts by code point', async () => {
    const { url } = await open(scratch.dataDir());
    const [row] = await query(
      url,
      `select current_setting('server_encoding') as encoding, current_setting('timezone') as zone,
         current_setting('synchronous_commit') as commit, current_setting('jit') as jit, 'Z' < 'a' as sorted,
         upper('é') as upper`,
    );
    assert.deepEqual(row, {
      encoding: 'UTF8',
      zone: 'UTC',
      commit: 'on',
      jit: 'off',
      sorted: true,
      upper: 'É',
    });
  });

  it('refuses a wrong password and keeps the right one from others', async () => {
    const dataDir = scratch.dataDir();
    const url = new URL((await open(dataDir)).url);
    const { mode } = await stat(join((await findHome(dataDir)).dir, 'password'));
    assert.equal(mode & 0o777, 0o600);
    url.password = 'guessed';
    await assert.rejects(query(url.href, 'select 1'), { code: '28P01' });
  });

  it('keeps the data from one start to the next', async () => {
    const dataDir = scratch.dataDir();
    const first = await open(dataDir);
    await query(first.url, 'create table kept as select 17 as number');
    await first.stop();
    const second = await open(dataDir);
    assert.deepEqual(await query(second.url, 'select number from kept'), [{ number: 17 }]);
  });

  it('leaves no process and no stale file when it stops, and may be stopped twice', async () => {
    const dataDir = scratch.dataDir();
    const postgres = await open(dataDir);
    const cluster = join(dataDir, 'cluster');
    const pid = (await postmasterPid(cluster)) as number;
    assert.equal(isRunning(pid), true);
    await Promise.all([postgres.stop(), postgres.stop()]);
    await postgres.stop();
    assert.equal(isRunning(pid), false);
    assert.equal(await postmasterPid(cluster), undefined);
    assert.deepEqual((await readdir(dataDir)).sort(), ['cluster', 'password']);
  });

  it('runs several data directories side by side', async () => {
    const [one, two] = await Promise.all([open(scratch.dataDir()), open(scratch.dataDir())]);
    await query(one.url, 'create table only_here ()');
    await assert.rejects(query(two.url, 'select from only_here'), { code: '42P01' });
  });

  it('refuses a data directory that another process uses, which goes on undisturbed', async () => {
    const dataDir = scratch.dataDir();
    const { owner, url } = await openInProcess(dataDir);
    await assert.rejects(open(dataDir), (error) => {
      assert.ok(error instanceof DomainError);
      assert.equal(error.code, 'CONFLICT');
      assert.match(error.message, new RegExp(`in use by process ${owner.pid};`));
      return true;
    });
    assert.deepEqual(await query(url, 'select number from kept'), [{ number: 17 }]);
    assert.deepEqual(await owner.kill('SIGTERM'), { code: 0, signal: null });
  });

  it('ends the server of a process that is killed with -9, and resumes with its data', async () => {
    const dataDir = scratch.dataDir();
    const { owner } = await openInProcess(dataDir);
    const pid = (await postmasterPid(join(dataDir, 'cluster'))) as number;
    await owner.kill('SIGKILL');
    await eventually(() => !isRunning(pid), { what: 'the end of the postmaster' });
    const { url } = await open(dataDir);
    assert.deepEqual(await query(url, 'select number from kept'), [{ number: 17 }]);
  });

  it('resumes at once after kill -9 of its owner', async () => {
    const dataDir = scratch.dataDir();
    const { owner } = await openInProcess(dataDir);
    await owner.kill('SIGKILL');
    const { url } = await open(dataDir);
    assert.deepEqual(await query(url, 'select number from kept'), [{ number: 17 }]);
  });

  it('recovers the data after kill -9 of the server itself', async () => {
    const dataDir = scratch.dataDir();
    const { owner } = await openInProcess(dataDir);
    process.kill((await postmasterPid(join(dataDir, 'cluster'))) as number, 'SIGKILL');
    await owner.kill('SIGKILL');
    const { url } = await open(dataDir);
    assert.deepEqual(await query(url, 'select number from kept'), [{ number: 17 }]);
  });

  it('stops a server without owner and takes its data over', async () => {
    const dataDir = scratch.dataDir();
    await (await open(dataDir)).stop();
    const orphan = await startOrphan(dataDir);
    const { url } = await open(dataDir);
    assert.deepEqual(await query(url, 'select 1 as one'), [{ one: 1 }]);
    assert.deepEqual(await orphan.exit, { code: 0, signal: null });
  });

  it('starts although the process id of a dead server was given to another process', async () => {
    const dataDir = scratch.dataDir();
    await (await open(dataDir)).stop();
    const { account } = await findHome(dataDir);
    const bystander = await spawnProcess('sleep', ['600'], runAs(account));
    const pidFile = join(dataDir, 'cluster', 'postmaster.pid');
    await writeFile(pidFile, `${bystander.pid}\n${join(dataDir, 'cluster')}\n`);
    await open(dataDir);
    assert.equal(bystander.isRunning, true);
    await bystander.kill();
  });

  it('reports why a cluster cannot be started, and gives the directory up again', async () => {
    const dataDir = scratch.dataDir();
    await (await open(dataDir)).stop();
    const versionFile = join(dataDir, 'cluster', 'PG_VERSION');
    const version = await readFile(versionFile, 'utf8');
    await writeFile(versionFile, '9\n');
    await assert.rejects(open(dataDir), /cluster are of PostgreSQL 9, the installed one is 18/);
    await writeFile(versionFile, version);
    await open(dataDir);
  });
});

/** A server as an owner leaves it that was killed together with its watchdog. */
async function startOrphan(dataDir: string): Promise<TestProcess> {
  const { dir, account } = await findHome(dataDir);
  const nativeDir = await prepareBinaries(await locatePackage(), dir, account);
  const args = serverArguments({ port: await findFreePort(), durability: 'fast' });
  const server = await spawnProcess(
    join(nativeDir, 'bin', 'postgres'),
    ['-D', join(dir, 'cluster'), ...args],
    { cwd: '/', env: programEnvironment, ...runAs(account) },
  );
  await server.waitForLine(/ready to accept connections/);
  return server;
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}
