import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeSampleRepo } from '../../src/up/sample-repo.js';
import { sampleFiles } from '../../src/up/sample-files.js';

describe('makeSampleRepo', () => {
  let dir: string;
  beforeEach(async () => (dir = await mkdtemp(join(tmpdir(), 'slipway-sample-'))));
  afterEach(() => rm(dir, { recursive: true }));

  const git = (repo: string, ...args: string[]): string =>
    execFileSync('git', ['-C', join(dir, repo), ...args], { encoding: 'utf8' }).trim();

  it('makes a git repository with the same commit everywhere, and leaves one that is there alone', async () => {
    await makeSampleRepo(join(dir, 'a'));
    await makeSampleRepo(join(dir, 'b'));
    assert.equal(git('a', 'rev-parse', 'main'), git('b', 'rev-parse', 'main'));
    assert.equal(git('a', 'status', '--porcelain'), '');
    execFileSync('rm', [join(dir, 'a', 'README.md')]);
    await makeSampleRepo(join(dir, 'a'));
    assert.equal(git('a', 'status', '--porcelain'), 'D README.md');
    assert.deepEqual((await readdir(dir)).sort(), ['a', 'b']);
  });

  it('holds a program whose steps really pass, and fail when it is broken', async () => {
    await makeSampleRepo(join(dir, 'a'));
    const commands = [...(sampleFiles['.slipway.yml'] ?? '').matchAll(/^ {6}- (.*)$/gm)].map(
      ([, text]) => text ?? '',
    );
    assert.equal(commands.length, 6);
    const run = (): Buffer =>
      execFileSync('sh', ['-ec', commands.join('\n')], {
        cwd: join(dir, 'a'),
        stdio: 'pipe',
        env: { PATH: process.env.PATH },
      });
    assert.match(run().toString(), /packed \d+ bytes/);
    execFileSync('sed', ['-i.bak', 's/evening/midday/', join(dir, 'a', 'greet.js')]);
    assert.throws(run);
  });
});
