import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AgentLock } from '../../../src/agent/state/agent-lock.js';
import { spawnProcess } from '../../support/processes.js';
import { useScratch } from '../support/scratch.js';

describe('AgentLock', () => {
  const scratch = useScratch();

  it('lets one agent have a state directory, until it gives it back', async () => {
    const lock = await AgentLock.acquire(scratch.path);
    await assert.rejects(
      AgentLock.acquire(scratch.path),
      new RegExp(`in use by .* process id ${process.pid}`),
    );
    await lock.release();
    await (await AgentLock.acquire(scratch.path)).release();
    assert.deepEqual(await readdir(scratch.path), []);
  });

  it('gives it to one of many that ask at once', async () => {
    const asked = await Promise.allSettled(Array.from({ length: 20 }, () => AgentLock.acquire(scratch.path)));
    assert.equal(asked.filter(({ status }) => status === 'fulfilled').length, 1);
  });

  it('takes over from a process that has died', async () => {
    const dead = await spawnProcess('/bin/true', []);
    await dead.exit;
    await writeFile(join(scratch.path, 'agent.lock'), JSON.stringify({ pid: dead.pid, start: '1' }));
    await (await AgentLock.acquire(scratch.path)).release();
  });

  it('does not take a later process of the same number for its holder', async () => {
    await writeFile(join(scratch.path, 'agent.lock'), JSON.stringify({ pid: process.pid, start: 'before' }));
    await (await AgentLock.acquire(scratch.path)).release();
  });
});
