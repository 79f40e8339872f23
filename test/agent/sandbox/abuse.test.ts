import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import type { Workspace } from '../../../src/agent/builds/workspace.js';
import { requiresCommand, skipBecause } from '../../support/skip.js';
import { useScratch } from '../support/scratch.js';
import { type RunningStep, SandboxHost } from './support/sandbox-host.js';

// What a step can do to the machine, with a build beside it that must not notice.
describe('a step that abuses its sandbox', () => {
  const scratch = useScratch();
  let host: SandboxHost;
  let bystander: RunningStep;

  before(function () {
    requiresCommand('bwrap', this);
  });

  beforeEach(async function () {
    host = await SandboxHost.create(scratch.path);
    if (host.cgroups.limits.memoryBytes === null) skipBecause('needs cgroups that this user may make', this);
    bystander = host.start(await host.build(), ['echo beside', 'read -r end < /tmp/never || sleep 300']);
    await bystander.printed('\nbeside\n');
  });

  afterEach(async () => {
    assert.equal(
      await Promise.race([bystander.exit, Promise.resolve('running')]),
      'running',
      bystander.output(),
    );
    bystander.kill.abort();
    await bystander.exit;
    assert.equal(await host.close(), true);
  });

  async function start(...commands: string[]): Promise<RunningStep & { readonly workspace: Workspace }> {
    const workspace = await host.build();
    return { ...host.start(workspace, commands), workspace };
  }

  it('by forking without end is held at its limit, and nothing of it is left', async () => {
    const running = await start('bomb() { bomb | bomb & }', 'set +e', 'bomb', 'sleep 0.5', 'exit 5');
    const exit = await running.exit;
    assert.equal(exit.kind, 'EXITED', JSON.stringify(exit));
    assert.match(running.output(), /Cannot fork|Resource temporarily unavailable/);
  });

  it('by filling /tmp and /dev/shm finds them full', async () => {
    const running = await start(
      'set +e',
      'head -c 2000000 /dev/zero > /tmp/x',
      'head -c 100000000 /dev/zero > /dev/shm/x',
      'exit 4',
    );
    assert.deepEqual(await running.exit, { kind: 'EXITED', code: 4 }, running.output());
    assert.equal(running.output().match(/No space left on device/g)?.length, 2);
  });

  it('by taking more memory than there is for it is ended, and it is said why', async () => {
    const running = await start('head -c 4000000000 /dev/zero | tail');
    assert.deepEqual(await running.exit, {
      kind: 'EXITED',
      code: 137,
      outOfMemory: 'out of memory: limit 128 MiB',
    });
  });

  it('is told of a process that was killed for want of memory, also when it went on', async () => {
    const running = await start('head -c 4000000000 /dev/zero | tail || true', 'echo went on');
    assert.deepEqual(await running.exit, {
      kind: 'EXITED',
      code: 0,
      outOfMemory: 'out of memory: limit 128 MiB',
    });
    assert.match(running.output(), /^went on$/m);
  });

  it('by leaving daemons behind leaves nothing', async () => {
    const mark = `300.${BigInt(`0x${randomUUID().slice(0, 8)}`)}`;
    const running = await start(
      `setsid sh -c 'env -i sleep ${mark} & echo up' > /tmp/up`,
      'until grep -q up /tmp/up; do :; done',
    );
    assert.deepEqual(await running.exit, { kind: 'EXITED', code: 0 }, running.output());
    assert.deepEqual(await processesWith(mark), []);
  });

  it('by taking no notice of TERM is killed', async () => {
    const running = await start("trap '' TERM", 'echo up', 'while :; do sleep 0.1; done');
    await running.printed('\nup\n');
    running.stop.abort();
    running.kill.abort();
    assert.deepEqual(await running.exit, { kind: 'SIGNALED', signal: 'SIGKILL' });
  });

  it('by printing without end is ended all the same', async () => {
    const running = await start('yes');
    await running.printed('\ny\ny\n');
    running.kill.abort();
    assert.deepEqual(await running.exit, { kind: 'SIGNALED', signal: 'SIGKILL' });
  });

  it('by one line of 10 MB and bytes of any kind is carried through', async () => {
    const running = await start('head -c 10000000 /dev/zero', 'head -c 1000000 /dev/urandom');
    assert.deepEqual(await running.exit, { kind: 'EXITED', code: 0 });
  });

  it('by killing everything that it sees ends itself alone', async () => {
    const running = await start('kill -KILL -1', 'sleep 300');
    assert.equal((await running.exit).kind, 'EXITED');
  });

  it('is gone with all its processes when its build is released', async () => {
    const running = await start('setsid sleep 300 & echo up', 'sleep 300');
    await running.printed('\nup\n');
    const build = running.workspace.root.split('/').at(-1)!;
    assert.equal(await host.executor.release(build), true);
    assert.equal((await running.exit).kind, 'NOT_STARTED');
  });

  it('is found and ended by the next agent of the worker', async () => {
    const running = await start('echo up', 'sleep 300');
    await running.printed('\nup\n');
    bystander.kill.abort();
    await bystander.exit;
    const next = await SandboxHost.create(scratch.path);
    assert.equal(await next.close(), true);
    assert.equal((await running.exit).kind, 'NOT_STARTED');
    bystander = next.start(await next.build(), ['sleep 300']);
  });
});

async function processesWith(word: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '')),
  );
  return lines.filter((line) => line.includes(word));
}
