import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { findSupervisorShell } from '../../../src/agent/executor/supervisor-process.js';
import { Supervisor } from '../../../src/agent/executor/supervisor.js';
import { deferred } from '../../../src/base/deferred.js';
import { silentLogger } from '../../../src/base/logger.js';
import { requiresCommand } from '../../support/skip.js';
import { ManualClock } from '../support/manual-clock.js';

describe('Supervisor', () => {
  const children: ChildProcess[] = [];
  let clock: ManualClock;
  let over: AbortController;

  beforeEach(() => {
    clock = new ManualClock();
    over = new AbortController();
  });
  afterEach(() => {
    over.abort();
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });

  async function startGroup(): Promise<{ readonly pid: number; readonly ended: Promise<unknown[]> }> {
    const child = spawn('/bin/sleep', ['300'], { detached: true, stdio: 'ignore' });
    children.push(child);
    const ended = once(child, 'exit');
    await once(child, 'spawn');
    return { pid: child.pid!, ended };
  }

  async function start(): Promise<{ readonly supervisor: Supervisor; readonly silence: Promise<void> }> {
    const supervisor = new Supervisor(await findSupervisorShell(), { clock, logger: silentLogger });
    const silence = deferred<void>();
    const agent = { silenceLimitMs: () => 1_000, onSilence: () => silence.resolve() };
    void supervisor.run(agent, over.signal);
    return { supervisor, silence: silence.promise };
  }

  it('kills the groups of an agent that says nothing any more, and tells it', async function () {
    requiresCommand('bash', this);
    const { supervisor, silence } = await start();
    const { pid, ended } = await startGroup();
    supervisor.add(pid); // From here on the clock stands still, and with it the agent's beats.
    assert.deepEqual(await ended, [null, 'SIGKILL']);
    await silence;
  });

  it('kills the groups when the agent ends, but none that it was told to forget', async () => {
    const { supervisor } = await start();
    const [forgotten, known] = [await startGroup(), await startGroup()];
    supervisor.add(forgotten.pid);
    supervisor.add(known.pid);
    supervisor.remove(forgotten.pid);
    over.abort();
    assert.deepEqual(await known.ended, [null, 'SIGKILL']);
    assert.equal(process.kill(forgotten.pid, 0), true);
  });
});
