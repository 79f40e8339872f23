import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deferred } from '../../../src/base/deferred.js';
import { Workspace } from '../../../src/agent/builds/workspace.js';
import type { StepExit } from '../../../src/agent/executor/executor.js';
import { ProcessExecutor } from '../../../src/agent/executor/process-executor.js';
import { BuildLedger } from '../../../src/agent/state/build-ledger.js';
import { startOf } from '../../../src/agent/state/process-start.js';
import { eventually } from '../../support/eventually.js';
import { useScratch } from '../support/scratch.js';
import { stepOf } from '../support/step.js';

const BUILD = '00000000-0000-4000-8000-000000000001';
const PATH = '/usr/local/bin:/usr/bin:/bin';

interface Running {
  readonly exit: Promise<StepExit>;
  readonly stop: AbortController;
  readonly kill: AbortController;
  /** Resolves once the step has printed this. */
  printed(text: string): Promise<void>;
  output(): Buffer;
}

describe('ProcessExecutor', () => {
  const scratch = useScratch();
  let workspace: Workspace;
  let executor: ProcessExecutor;
  let ledger: BuildLedger;

  beforeEach(async () => {
    ledger = await BuildLedger.open(scratch.path);
    executor = new ProcessExecutor({ ledger, mounts: [], searchPath: PATH });
    workspace = await Workspace.create(join(scratch.path, 'workspaces'), BUILD);
    await ledger.begin(BUILD, workspace.root);
  });

  function start(
    commands: readonly string[],
    options: { environment?: Record<string, string>; onOutput?: (bytes: Uint8Array) => Promise<void> } = {},
  ): Running {
    const chunks: Uint8Array[] = [];
    const watchers: { text: string; resolve: () => void }[] = [];
    const stop = new AbortController();
    const kill = new AbortController();
    const output = (): Buffer => Buffer.concat(chunks);
    const look = (): void => {
      for (const { text, resolve } of watchers) if (output().includes(text)) resolve();
    };
    const exit = executor.run({
      build: BUILD,
      workspace,
      step: stepOf(commands),
      directory: workspace.source,
      environment: options.environment ?? { PATH },
      control: { stop: stop.signal, kill: kill.signal },
      output: async (bytes) => {
        chunks.push(bytes);
        look();
        await options.onOutput?.(bytes);
      },
    });
    const printed = (text: string): Promise<void> =>
      new Promise((resolve) => {
        watchers.push({ text, resolve });
        look();
      });
    return { exit, stop, kill, printed, output };
  }

  async function run(commands: readonly string[], environment?: Record<string, string>): Promise<string> {
    const running = start(commands, environment ? { environment } : {});
    assert.deepEqual(await running.exit, { kind: 'EXITED', code: 0 });
    return running.output().toString();
  }

  it('prints each command before it runs, and both streams', async () => {
    const output = await run(['echo one', 'echo two >&2', "echo 'three'"]);
    assert.equal(output, "$ echo one\none\n$ echo two >&2\ntwo\n$ echo 'three'\nthree\n");
  });

  it('keeps the order of both streams when they come fast', async () => {
    const output = await run(['for i in $(seq 300); do echo "out $i"; echo "err $i" >&2; done']);
    const lines = output.trim().split('\n').slice(1);
    const expected = Array.from({ length: 300 }, (_, index) => [`out ${index + 1}`, `err ${index + 1}`]);
    assert.deepEqual(lines, expected.flat());
  });

  it('stops at the first command that fails and gives its exit code', async () => {
    const running = start(['(exit 7)', 'echo never']);
    assert.deepEqual(await running.exit, { kind: 'EXITED', code: 7 });
    assert.doesNotMatch(running.output().toString(), /^never$/m);
  });

  it('gives a step its own environment, nothing of the agent and no open descriptor', async () => {
    process.env.SLIPWAY_TEST_SECRET = 'of the agent';
    try {
      const output = await run(['env', 'ls -l /proc/self/fd', 'readlink /proc/$$/fd/0'], {
        PATH,
        OWN: 'yes',
      });
      assert.doesNotMatch(output, /SLIPWAY_TEST_SECRET/);
      assert.match(output, /^OWN=yes$/m);
      const descriptors = [...output.matchAll(/ (\d+) -> (.*)$/gm)].map(([, fd, path]) => ({ fd, path }));
      // 3 is the directory that ls itself reads; whatever somebody left open in this process leads nowhere.
      const extra = descriptors.filter(({ fd, path }) => Number(fd) > 3 && path !== '/dev/null');
      assert.deepEqual(extra, []);
      assert.match(output, /^\/dev\/null$/m);
    } finally {
      delete process.env.SLIPWAY_TEST_SECRET;
    }
  });

  it('says which signal ended a step', async () => {
    assert.deepEqual(await start(['kill -SEGV $$']).exit, { kind: 'SIGNALED', signal: 'SIGSEGV' });
  });

  it('says that a step could not be started', async () => {
    const exit = await start(['true'], { environment: { PATH, 'BAD\0NAME': 'x' } }).exit;
    assert.equal(exit.kind, 'NOT_STARTED');
  });

  it('carries any bytes', async () => {
    const running = start([`head -c 100000 /dev/urandom | tee '${scratch.path}/bytes'`]);
    await running.exit;
    const expected = await readFile(join(scratch.path, 'bytes'));
    assert.ok(running.output().subarray(-expected.length).equals(expected));
  });

  it('asks the whole group to end, and lets it tidy up', async () => {
    const running = start(["trap 'echo tidy; exit 3' TERM", 'echo up', 'sleep 60 & wait']);
    await running.printed('\nup\n');
    running.stop.abort();
    assert.deepEqual(await running.exit, { kind: 'EXITED', code: 3 });
    assert.match(running.output().toString(), /^tidy$/m);
  });

  it('kills a group that takes no notice of TERM, with its grandchildren', async () => {
    const running = start(["trap '' TERM", '(sleep 60 & echo "pid $!"; wait) & wait']);
    await running.printed('\npid ');
    running.stop.abort();
    running.kill.abort();
    assert.deepEqual(await running.exit, { kind: 'SIGNALED', signal: 'SIGKILL' });
    await assertGone(running.output().toString());
  });

  it('does not wait for a grandchild that keeps the output open, and kills it', async () => {
    const running = start(['(sleep 60 & echo "pid $!")', 'echo done']);
    assert.deepEqual(await running.exit, { kind: 'EXITED', code: 0 });
    await assertGone(running.output().toString());
  });

  it('gives up output that a process outside of the group holds open', async function () {
    const running = start(['setsid sh -c \'echo "pid $$"; exec sleep 60\' &', 'echo done', 'sleep 0.2']);
    assert.deepEqual(await running.exit, { kind: 'EXITED', code: 0 });
    const [, pid] = /^pid (\d+)$/m.exec(running.output().toString()) ?? [];
    process.kill(Number(pid), 'SIGKILL');
  });

  it('holds a step up while its output is not taken', async () => {
    const gate = deferred<void>();
    let taken = 0;
    const running = start(['head -c 10000000 /dev/zero'], {
      onOutput: async (bytes) => {
        taken += bytes.byteLength;
        await gate.promise;
      },
    });
    await running.printed('$ head');
    assert.equal(await Promise.race([running.exit, Promise.resolve('running')]), 'running');
    assert.ok(taken < 200_000, `${taken} bytes were taken before the sink was ready`);
    gate.resolve();
    await running.exit;
    assert.equal(running.output().length, '$ head -c 10000000 /dev/zero\n'.length + 10_000_000);
  });

  it('records a group while it runs and forgets it afterwards', async () => {
    const running = start(['echo up', 'cat /proc/$$/stat | cut -d" " -f5', 'sleep 60']);
    await running.printed('\nup\n');
    const [record] = await eventually(async () => {
      const records = await ledger.leftovers();
      return (records[0]?.groups.length ?? 0) > 0 && records;
    });
    const { pid, start: since } = record!.groups[0]!;
    assert.equal(await startOf(pid), since);
    running.kill.abort();
    await running.exit;
    assert.deepEqual((await ledger.leftovers())[0]?.groups, []);
  });
});

async function assertGone(output: string): Promise<void> {
  const [, pid] = /^pid (\d+)$/m.exec(output) ?? [];
  assert.ok(pid, output);
  await eventually(async () => (await startOf(Number(pid))) === undefined, { what: `process ${pid} ends` });
}
