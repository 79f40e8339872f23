import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, rename, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BuildOutputs, MAX_OUTPUT_VALUE, MAX_OUTPUTS } from '../../../src/agent/builds/build-outputs.js';
import { clearOutputs, MAX_OUTPUT_BYTES, readOutputs } from '../../../src/agent/builds/read-outputs.js';
import { Workspace } from '../../../src/agent/builds/workspace.js';
import { Mask } from '../../../src/agent/masking/mask.js';
import { useScratch } from '../support/scratch.js';

describe('readOutputs', () => {
  const scratch = useScratch();
  let workspace: Workspace;
  let outputs: BuildOutputs;

  beforeEach(async () => {
    workspace = await Workspace.create(join(scratch.path, 'workspaces'), 'build');
    outputs = new BuildOutputs(new Mask(['canary-of-outputs']));
  });

  async function read(step = 1): Promise<string[]> {
    return readOutputs(workspace, step, outputs);
  }

  it('takes the lines name=value of every step, the last of a name counting', async () => {
    await writeFile(workspace.outputsOf(1), 'version=1.2\r\nurl=https://x.example/?a=b\n\n  \nempty=\n');
    await writeFile(workspace.outputsOf(2), 'version=1.3');
    assert.deepEqual([await read(1), await read(2), await read(3)], [[], [], []]);
    assert.deepEqual(outputs.list(), [
      { name: 'empty', value: '' },
      { name: 'url', value: 'https://x.example/?a=b' },
      { name: 'version', value: '1.3' },
    ]);
  });

  it('says which lines it leaves out, without what is in them', async () => {
    await writeFile(workspace.outputsOf(1), 'fine=1\nno value\n=x\n1st=x\nä=x\ncanary-of-outputs=x\n');
    const notices = await read();
    assert.deepEqual(outputs.list(), [{ name: 'fine', value: '1' }]);
    assert.equal(notices.length, 5);
    assert.equal(notices[0], 'line 2 of the outputs is left out: expected name=value');
    assert.ok(!notices.join().includes('canary'));
  });

  it('masks values, and cuts them', async () => {
    await writeFile(
      workspace.outputsOf(1),
      `a=is canary-of-outputs\nb=${'x'.repeat(MAX_OUTPUT_VALUE * 2)}\n`,
    );
    await read();
    const [first, second] = outputs.list();
    assert.equal(first?.value, 'is ***');
    assert.equal(second?.value.length, MAX_OUTPUT_VALUE);
  });

  it('takes so many of a build and no more', async () => {
    const lines = Array.from({ length: MAX_OUTPUTS + 40 }, (_, n) => `name-${n}=${n}`);
    await writeFile(workspace.outputsOf(1), lines.join('\n').replaceAll('name-', 'n'));
    const notices = await read();
    assert.equal(outputs.list().length, MAX_OUTPUTS);
    assert.equal(notices.length, 11);
    assert.match(notices.at(-1) ?? '', /40 more|30 more/);
  });

  it('reads no more of a file of 1 GB than it may, up to a whole line, and says so', async () => {
    await writeFile(workspace.outputsOf(1), `first=1\n${'second=2\n'.repeat(10_000)}`);
    await truncate(workspace.outputsOf(1), 1024 ** 3);
    assert.deepEqual(await read(), [
      `the outputs are longer than ${MAX_OUTPUT_BYTES} bytes: the lines beyond are left out`,
    ]);
    assert.deepEqual(outputs.list(), [
      { name: 'first', value: '1' },
      { name: 'second', value: '2' },
    ]);
  });

  it('follows no link, opens no pipe and reads no directory', async () => {
    const key = join(scratch.path, 'identity.key');
    await writeFile(key, 'stolen=key\n');
    await symlink(key, workspace.outputsOf(1));
    execFileSync('mkfifo', [workspace.outputsOf(2)]);
    await mkdir(workspace.outputsOf(3));
    assert.match((await read(1)).join(), /is a link, which is not followed/);
    assert.match((await read(2)).join(), /is no regular file/);
    assert.match((await read(3)).join(), /is a directory/);
    const elsewhere = join(scratch.path, 'elsewhere');
    await mkdir(elsewhere);
    await writeFile(join(elsewhere, 'step-4'), 'stolen=key\n');
    await rename(workspace.outputs, `${workspace.outputs}-before`);
    await symlink(elsewhere, workspace.outputs);
    assert.match((await read(4)).join(), /directory was replaced/);
    assert.deepEqual(outputs.list(), []);
  });

  it('forgets what an earlier run of the step wrote', async () => {
    await writeFile(workspace.outputsOf(1), 'attempt=1\n');
    await clearOutputs(workspace, 1);
    assert.deepEqual(await read(), []);
    assert.deepEqual(outputs.list(), []);
  });
});
