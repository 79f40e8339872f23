import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Context } from 'mocha';
import { spawnProcess } from '../support/processes.js';
import { skipBecause } from '../support/skip.js';

describe('a clone of this repository', () => {
  const directories: string[] = [];

  after(async () => {
    for (const directory of directories) await rm(directory, { recursive: true, force: true });
  });

  it('builds from what is committed alone, and its build leaves nothing behind that git would see', async function () {
    const clone = await cloneHere(this);
    await symlink(resolve('node_modules'), join(clone, 'node_modules'));
    await run(clone, ['node', 'scripts/build.mjs']);
    assert.match(await run(clone, ['node', 'bin/slipway.js', 'version']), /\d+\.\d+\.\d+/);
    assert.equal(await run(clone, ['git', 'status', '--porcelain']), '');
  });

  it('says what to do when it was not built', async function () {
    const clone = await cloneHere(this);
    const slipway = await spawnProcess('node', ['bin/slipway.js', 'version'], { cwd: clone });
    assert.deepEqual(await slipway.exit, { code: 1, signal: null });
    assert.match(slipway.stderr, /npm run build/);
  });

  async function cloneHere(context: Context): Promise<string> {
    if (!existsSync('.git')) skipBecause('needs a git checkout', context);
    const directory = await mkdtemp(join(tmpdir(), 'slipway-clone-'));
    directories.push(directory);
    await run('.', ['git', 'clone', '--quiet', '--no-hardlinks', '--', resolve('.'), directory]);
    return directory;
  }
});

/** Standard output of a program that must succeed. */
async function run(cwd: string, [program = '', ...args]: readonly string[]): Promise<string> {
  const child = await spawnProcess(program, args, { cwd });
  const { code } = await child.exit;
  assert.equal(code, 0, child.output);
  return child.stdout;
}
