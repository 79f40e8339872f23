import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BuildLedger } from '../../../src/agent/state/build-ledger.js';
import { clearLeftovers } from '../../../src/agent/state/leftovers.js';
import { BUILD_MARK } from '../../../src/agent/state/marked-processes.js';
import { startOf } from '../../../src/agent/state/process-start.js';
import { systemClock } from '../../../src/base/clock.js';
import { silentLogger } from '../../../src/base/logger.js';
import { skipBecause } from '../../support/skip.js';
import { useScratch } from '../support/scratch.js';

const BUILD = '00000000-0000-4000-8000-000000000002';
const tools = { clock: systemClock, logger: silentLogger };

describe('clearLeftovers', () => {
  const scratch = useScratch();

  /** What an agent that was killed leaves: a record, a workspace, and a process group with a child. */
  async function leave(
    environment: Record<string, string> = {},
  ): Promise<{ pid: number; ended: Promise<unknown> }> {
    const workspace = join(scratch.path, 'workspaces', BUILD);
    await mkdir(join(workspace, 'source'), { recursive: true });
    await writeFile(join(workspace, 'source', 'file'), '');
    const child = spawn('/bin/sleep', ['60'], { detached: true, stdio: 'ignore', env: environment });
    const ended = once(child, 'exit');
    const ledger = await BuildLedger.open(scratch.path);
    await ledger.begin(BUILD, workspace);
    await ledger.addGroup(BUILD, child.pid!);
    return { pid: child.pid!, ended };
  }

  it('kills the groups on record, removes the workspace and is clean', async () => {
    const { ended } = await leave();
    const ledger = await BuildLedger.open(scratch.path);
    assert.equal(await clearLeftovers(ledger, tools), true);
    assert.deepEqual(await ended, [null, 'SIGKILL']);
    await assert.rejects(access(join(scratch.path, 'workspaces', BUILD)));
    assert.deepEqual(await ledger.leftovers(), []);
  });

  it('leaves a process alone that only has the number of one on record', async () => {
    const { pid, ended } = await leave();
    const path = join(scratch.path, 'builds', `${BUILD}.json`);
    const record = {
      build: BUILD,
      workspace: join(scratch.path, 'workspaces', BUILD),
      groups: [{ pid, start: '1' }],
    };
    await writeFile(path, JSON.stringify(record));
    assert.equal(await clearLeftovers(await BuildLedger.open(scratch.path), tools), true);
    assert.notEqual(await startOf(pid), undefined);
    process.kill(pid, 'SIGKILL');
    await ended;
  });

  it('finds a process that has left its group by the mark of its build', async function () {
    if (process.platform !== 'linux') skipBecause('needs /proc', this);
    const { pid, ended } = await leave({ [BUILD_MARK]: BUILD });
    const ledger = await BuildLedger.open(scratch.path);
    await ledger.begin(BUILD, join(scratch.path, 'workspaces', BUILD));
    assert.equal(await clearLeftovers(ledger, tools), true);
    assert.deepEqual(await ended, [null, 'SIGKILL']);
    assert.equal(await startOf(pid), undefined);
  });

  it('removes a workspace whose directories a build has locked', async () => {
    const { ended } = await leave();
    await chmod(join(scratch.path, 'workspaces', BUILD, 'source'), 0o000);
    assert.equal(await clearLeftovers(await BuildLedger.open(scratch.path), tools), true);
    await assert.rejects(access(join(scratch.path, 'workspaces', BUILD)));
    await ended;
  });
});
