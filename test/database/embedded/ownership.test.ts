import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { takeOwnership } from '../../../src/database/embedded/ownership.js';
import { startOf } from '../../../src/database/embedded/process-identity.js';
import { spawnProcess } from '../../support/processes.js';
import { scratchDirs } from './scratch-dirs.js';

describe('takeOwnership', () => {
  const scratch = scratchDirs();

  it('gives a directory to one of two racers', async () => {
    const dir = await scratch.dir(0o700);
    const outcomes = await Promise.allSettled([takeOwnership(dir), takeOwnership(dir)]);
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
    assert.deepEqual(await readdir(dir), ['owner.json']);
  });

  it('takes over from a process that is gone, and from one whose id was given away', async () => {
    const dir = await scratch.dir(0o700);
    const file = join(dir, 'owner.json');
    const gone = await spawnProcess('true', []);
    await gone.exit;
    for (const owner of [{ pid: gone.pid, start: '1' }, { pid: process.ppid, start: 'another' }, undefined]) {
      await writeFile(file, owner === undefined ? '' : JSON.stringify(owner));
      const giveUp = await takeOwnership(dir);
      const expected = { pid: process.pid, start: await startOf(process.pid) };
      assert.deepEqual(JSON.parse(await readFile(file, 'utf8')), expected);
      await giveUp();
      assert.deepEqual(await readdir(dir), []);
    }
  });

  it('respects a living process, and leaves its claim alone', async () => {
    const dir = await scratch.dir(0o700);
    const other = await spawnProcess('sleep', ['600']);
    const claim = JSON.stringify({ pid: other.pid, start: await startOf(other.pid) });
    await writeFile(join(dir, 'owner.json'), claim);
    await assert.rejects(takeOwnership(dir), { code: 'CONFLICT' });
    assert.equal(await readFile(join(dir, 'owner.json'), 'utf8'), claim);
    await other.kill();
    await (
      await takeOwnership(dir)
    )();
  });
});
