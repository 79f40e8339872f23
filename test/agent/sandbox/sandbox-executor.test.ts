import assert from 'node:assert/strict';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { requiresCommand } from '../../support/skip.js';
import { useScratch } from '../support/scratch.js';
import { BUILD_UID, SandboxHost } from './support/sandbox-host.js';

describe('SandboxExecutor', () => {
  const scratch = useScratch();
  let host: SandboxHost;

  before(function () {
    requiresCommand('bwrap', this);
  });
  beforeEach(async () => {
    host = await SandboxHost.create(scratch.path);
  });
  afterEach(async () => {
    assert.equal(await host.close(), true);
  });

  it('runs commands in the checkout, as nobody who is anybody outside', async () => {
    const workspace = await host.build((checkout) =>
      writeFile(join(checkout, 'a.txt'), 'from the checkout\n'),
    );
    const running = host.start(workspace, [
      'cat a.txt',
      'pwd',
      'id -un',
      'touch made',
      'echo "$HOME $TMPDIR $SLIPWAY_WORKSPACE"',
    ]);
    assert.deepEqual(await running.exit, { kind: 'EXITED', code: 0 }, running.output());
    assert.match(
      running.output(),
      /^\$ cat a\.txt\nfrom the checkout\n\$ pwd\n\/workspace\n\$ id -un\nbuild\n/,
    );
    assert.match(running.output(), /^\/home\/build \/tmp \/workspace$/m);
    const { uid } = await stat(join(workspace.source, 'made'));
    assert.equal(uid, process.getuid?.() === 0 ? BUILD_UID : process.getuid?.());
  });

  it('gives the exit code of a step', async () => {
    const running = host.start(await host.build(), ['exit 7']);
    assert.deepEqual(await running.exit, { kind: 'EXITED', code: 7 });
  });

  it('gives a step exactly its environment', async () => {
    const output = await host.run(['env'], { environment: { OWN: 'yes', LD_PRELOAD: '' } });
    const names = output.split('\n').flatMap((line) => /^([A-Z_]+)=/.exec(line)?.[1] ?? []);
    const given = names.filter((name) => !name.startsWith('SLIPWAY')).toSorted();
    assert.deepEqual(given, ['CI', 'HOME', 'LANG', 'LD_PRELOAD', 'OWN', 'PATH', 'PWD', 'TMPDIR']);
  });

  it('says that there is no sandbox when there is none, and not that the step failed', async () => {
    const workspace = await host.build();
    await rm(workspace.outputs, { recursive: true });
    const exit = await host.start(workspace, ['true']).exit;
    assert.equal(exit.kind, 'NOT_STARTED');
    assert.match(exit.kind === 'NOT_STARTED' ? exit.error : '', /there is no sandbox: bwrap: .*outputs/);
  });

  it('does not take a NUL in a variable for more words of bwrap', async () => {
    const environment = { OWN: 'x\0--bind\0/\0/mnt' };
    const exit = await host.start(await host.build(), ['ls /mnt'], { environment }).exit;
    assert.match(exit.kind === 'NOT_STARTED' ? exit.error : '', /text without NUL/);
  });

  it('lets a step tidy up when it is asked to end', async () => {
    const running = host.start(await host.build(), [
      "trap 'echo tidy; exit 3' TERM",
      'echo up',
      'sleep 60 & wait',
    ]);
    await running.printed('\nup\n');
    running.stop.abort();
    assert.deepEqual(await running.exit, { kind: 'EXITED', code: 3 });
    assert.match(running.output(), /^tidy$/m);
  });

  it('shares HOME and the checkout between the steps of a build, and nothing between builds', async () => {
    const workspace = await host.build();
    await host.start(workspace, ['echo kept > ~/kept', 'echo gone > /tmp/gone']).exit;
    const second = host.start(workspace, ['cat ~/kept', 'test ! -e /tmp/gone']);
    assert.deepEqual(await second.exit, { kind: 'EXITED', code: 0 }, second.output());
    await host.run(['test ! -e ~/kept']);
  });

  it('lets a step leave outputs for the agent', async () => {
    const workspace = await host.build();
    await host.start(workspace, ['echo version=3 > /slipway/outputs/1']).exit;
    assert.equal(await readFile(join(workspace.outputs, '1'), 'utf8'), 'version=3\n');
  });
});
