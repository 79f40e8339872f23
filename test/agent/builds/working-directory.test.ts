import assert from 'node:assert/strict';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findDirectory } from '../../../src/agent/builds/working-directory.js';
import { useScratch } from '../support/scratch.js';

describe('findDirectory', () => {
  const scratch = useScratch();
  let checkout: string;

  beforeEach(async () => {
    checkout = join(scratch.path, 'source');
    await mkdir(join(checkout, 'a', 'b'), { recursive: true });
    await mkdir(join(scratch.path, 'source-of-another'));
    await writeFile(join(checkout, 'file'), '');
    const links = {
      inside: 'a/b',
      'a/up': '../a',
      absolute: '/etc',
      outside: '../..',
      detour: '../source/a',
      round: 'round',
      dangling: 'nowhere',
    };
    for (const [name, to] of Object.entries(links)) await symlink(to, join(checkout, name));
  });

  const found = async (wanted?: string) => {
    const directory = await findDirectory(checkout, wanted);
    assert.equal(directory.kind, 'FOUND', JSON.stringify(directory));
    return directory.kind === 'FOUND' ? directory.path.slice(checkout.length) : '';
  };

  it('is the checkout unless a step wants another one', async () => {
    assert.equal(await found(), '');
    assert.equal(await found('.'), '');
    assert.equal(await found('a/..'), '');
  });

  it('follows links that stay in the checkout, and gives a path without any', async () => {
    assert.equal(await found('a/b'), '/a/b');
    assert.equal(await found('./inside/'), '/a/b');
    assert.equal(await found('a/up/up/b'), '/a/b');
  });

  for (const [wanted, reason] of [
    ['..', /leads out/],
    ['a/../../source-of-another', /leads out/],
    ['absolute', /leads out/],
    ['outside', /leads out/],
    ['detour', /leads out/],
    ['/etc', /is absolute/],
    ['round', /too many links/],
    ['dangling', /does not exist/],
    ['missing', /does not exist/],
    ['file', /is no directory/],
    ['file/below', /is no directory/],
    [`${'x'.repeat(5_000)}`, /is no directory/],
  ] as const) {
    it(`refuses ${wanted.slice(0, 40)}`, async () => {
      const directory = await findDirectory(checkout, wanted);
      assert.equal(directory.kind, 'REFUSED');
      assert.match(directory.kind === 'REFUSED' ? directory.reason : '', reason);
    });
  }

  it('refuses a checkout that a step has replaced by a link', async () => {
    await rm(checkout, { recursive: true });
    await symlink('/etc', checkout);
    assert.equal((await findDirectory(checkout)).kind, 'REFUSED');
  });
});
