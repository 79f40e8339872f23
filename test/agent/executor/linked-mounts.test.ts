import assert from 'node:assert/strict';
import { access, mkdir, readlink, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkLinks, linkMounts } from '../../../src/agent/executor/linked-mounts.js';
import { useScratch } from '../support/scratch.js';

describe('mounts of the process driver', () => {
  const scratch = useScratch();

  it('are links inside the checkout', async () => {
    const mounts = [
      { source: '/opt/modules', destination: 'node_modules', mode: 'ro' as const },
      { source: '/opt/cache', destination: 'deep/down/cache', mode: 'cache' as const },
    ];
    checkLinks(mounts);
    await linkMounts(mounts, scratch.path);
    assert.equal(await readlink(join(scratch.path, 'node_modules')), '/opt/modules');
    assert.equal(await readlink(join(scratch.path, 'deep/down/cache')), '/opt/cache');
  });

  for (const destination of ['/opt/x', '..', '../x', 'a/../../x', '.', 'a/..']) {
    it(`are refused at ${destination}, before any build runs`, () => {
      assert.throws(() => checkLinks([{ source: '/opt', destination, mode: 'ro' }]), /mount destination/);
    });
  }

  it('are refused from a relative source', () => {
    assert.throws(() => checkLinks([{ source: 'opt', destination: 'a', mode: 'ro' }]), /mount source/);
  });

  it('do not replace a file of the checkout', async () => {
    await writeFile(join(scratch.path, 'taken'), '');
    const mount = { source: '/opt', destination: 'taken', mode: 'ro' as const };
    await assert.rejects(linkMounts([mount], scratch.path), /a place where the checkout has nothing/);
  });

  it('do not follow a link that the checkout has on the way', async () => {
    const outside = join(scratch.path, 'outside');
    const checkout = join(scratch.path, 'checkout');
    await mkdir(outside);
    await mkdir(checkout);
    await symlink(outside, join(checkout, 'way'));
    const mount = { source: '/opt', destination: 'way/down/x', mode: 'ro' as const };
    await assert.rejects(linkMounts([mount], checkout), /below plain directories/);
    await assert.rejects(access(join(outside, 'down')));
  });
});
