import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, chown, lstat, mkdir, readlink, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { silentLogger } from '../../../src/base/logger.js';
import { canEnter, chooseAccount, isRoot } from '../../../src/database/embedded/account.js';
import { EmbeddedPostgres } from '../../../src/database/embedded/embedded-postgres.js';
import { findHome, makeDataDir, removeDataDir } from '../../../src/database/embedded/home.js';
import { spawnProcess } from '../../support/processes.js';
import { skipBecause } from '../../support/skip.js';
import { scratchDirs } from './scratch-dirs.js';

const ownerProcess = fileURLToPath(new URL('owner-process.js', import.meta.url));

describe('findHome', () => {
  const scratch = scratchDirs();

  it('is the data directory itself, closed to readers, where PostgreSQL can enter it', async () => {
    const dataDir = await makeDataDir(scratch.dataDir());
    const home = await findHome(dataDir);
    assert.equal(home.dir, dataDir);
    assert.equal((await stat(dataDir)).mode & 0o066, 0);
  });

  it('refuses a system without an account to run as, and names the file', async () => {
    const passwd = join(await scratch.dir(0o755), 'passwd');
    await writeFile(passwd, 'root:x:0:0:root:/root:/bin/sh\n');
    await assert.rejects(chooseAccount(passwd), { message: /passwd has none of the accounts postgres, / });
    await writeFile(passwd, 'nobody:x:65534:65533:nobody:/:/bin/false\npostgres:x:0:0::/:/bin/sh\n');
    assert.deepEqual(await chooseAccount(passwd), { uid: 65534, gid: 65533 });
  });

  describe('as root', () => {
    before(function () {
      if (!isRoot()) skipBecause('needs root', this);
    });

    it('lies outside of a 0700 directory and is linked from it', async () => {
      const dataDir = await closedDataDir();
      const { dir, account } = await findHome(dataDir);
      assert.equal(await readlink(join(dataDir, 'elsewhere')), dir);
      assert.notEqual(account, undefined);
      assert.equal(account !== undefined && (await canEnter(dir, account)), true);
      assert.deepEqual(await findHome(dataDir), { dir, account });
      await removeDataDir(dataDir);
      await assert.rejects(stat(dir), { code: 'ENOENT' });
    });

    it('keeps a running database in a 0700 directory working from one start to the next', async () => {
      const dataDir = await closedDataDir();
      await openAndClose(dataDir);
      const { dir } = await findHome(dataDir);
      const madeAt = (await stat(join(dir, 'password'))).mtimeMs;
      await openAndClose(dataDir);
      assert.equal((await stat(join(dir, 'password'))).mtimeMs, madeAt);
    });

    it('moves along with its checkout, and is not shared with a copy', async () => {
      const checkout = await scratch.dir(0o700);
      const dataDir = await makeDataDir(join(checkout, 'data'));
      const { dir } = await findHome(dataDir);
      await writeFile(join(dir, 'mark'), '');
      const copy = await makeDataDir(join(checkout, 'copy'));
      await promisify(execFile)('cp', ['-a', `${dataDir}/.`, copy]);
      assert.notEqual((await findHome(copy)).dir, dir);
      const moved = join(checkout, 'moved');
      await rename(dataDir, moved);
      await stat(join((await findHome(moved)).dir, 'mark'));
      await removeDataDir(copy);
      await removeDataDir(moved);
    });

    it('stays where it is when the data directory becomes enterable', async () => {
      const checkout = await scratch.dir(0o700);
      const dataDir = await makeDataDir(join(checkout, 'data'));
      const { dir } = await findHome(dataDir);
      await chmod(checkout, 0o755);
      assert.equal((await findHome(dataDir)).dir, dir);
      await removeDataDir(dataDir);
    });

    it('starts afresh after its data directory was deleted, keeping the old one aside', async () => {
      const dataDir = await closedDataDir();
      const { dir } = await findHome(dataDir);
      await writeFile(join(dir, 'mark'), '');
      await promisify(execFile)('rm', ['-r', dataDir]);
      await makeDataDir(dataDir);
      assert.equal((await findHome(dataDir)).dir, dir);
      await assert.rejects(lstat(join(dir, 'mark')), { code: 'ENOENT' });
      await stat(join(`${dir}.abandoned`, 'mark'));
      await removeDataDir(dataDir);
      await promisify(execFile)('rm', ['-r', `${dir}.abandoned`]);
    });

    it('runs as the user who made the cluster, also when root starts it later', async () => {
      const account = await chooseAccount();
      const dataDir = await makeDataDir(scratch.dataDir());
      await mkdir(join(dataDir, 'cluster'));
      await chown(join(dataDir, 'cluster'), account.uid + 1, account.gid);
      assert.deepEqual(await findHome(dataDir), {
        dir: dataDir,
        account: { uid: account.uid + 1, gid: account.gid },
      });
    });

    it('refuses a cluster that was made where PostgreSQL cannot enter any more', async () => {
      const checkout = await scratch.dir(0o755);
      const dataDir = await makeDataDir(join(checkout, 'data'));
      await openAndClose(dataDir);
      await chmod(checkout, 0o700);
      await assert.rejects(
        openAndClose(dataDir),
        /user id \d+, which cannot enter .*data; make the directories/,
      );
    });

    it('is not needed by an ordinary user, who opens, resumes and stops the same way', async function () {
      const account = await chooseAccount();
      if (!(await canRead(ownerProcess, account))) {
        skipBecause('needs a checkout that other users may enter', this);
      }
      const parent = await scratch.dir(0o755);
      await chown(parent, account.uid, account.gid);
      for (let start = 1; start <= 2; start += 1) {
        const owner = await spawnProcess(process.execPath, [ownerProcess, join(parent, 'data')], account);
        await owner.waitForLine(/^open postgres:/);
        assert.deepEqual(await owner.kill('SIGTERM'), { code: 0, signal: null });
      }
      assert.equal((await stat(join(parent, 'data'))).mode & 0o777, 0o700);
    });

    async function closedDataDir(): Promise<string> {
      return makeDataDir(scratch.dataDir(await scratch.dir(0o700)));
    }
  });
});

async function openAndClose(dataDir: string): Promise<void> {
  const options = { dataDir, logger: silentLogger, durability: 'fast' } as const;
  await (await EmbeddedPostgres.open(options)).stop();
}

async function canRead(file: string, account: { uid: number; gid: number }): Promise<boolean> {
  try {
    await promisify(execFile)(process.execPath, ['--check', file], account);
    return true;
  } catch {
    return false;
  }
}
