import assert from 'node:assert/strict';
import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Mount } from '../../../src/agent/agent-options.js';
import { readMounts } from '../../../src/agent/sandbox/sandbox-mounts.js';
import { ErrorCode } from '../../../src/base/errors.js';
import { requiresCommand } from '../../support/skip.js';
import { useScratch } from '../support/scratch.js';
import { SandboxHost } from './support/sandbox-host.js';

describe('mounts of a sandbox', () => {
  const scratch = useScratch();
  let source: string;
  let host: SandboxHost | undefined;

  beforeEach(async () => {
    source = join(scratch.path, 'cache');
    await mkdir(source);
    await writeFile(join(source, 'kept'), 'from the machine\n');
    // A cache is written by the user as whom builds run.
    await chmod(source, 0o777);
  });

  afterEach(async () => {
    if (host) assert.ok(await host.close());
    host = undefined;
  });

  describe('in a step', () => {
    before(function () {
      requiresCommand('bwrap', this);
    });

    it('show what is there, and a read-only one takes nothing', async () => {
      const output = await runWith(mount({ destination: 'deps/node', mode: 'ro' }), [
        'cat deps/node/kept',
        'touch deps/node/new || echo refused',
      ]);
      assert.match(output, /^from the machine$/m);
      assert.match(output, /^refused$/m);
    });

    it('keep what a step writes into a cache, wherever it is', async () => {
      await runWith(mount({ destination: '/opt/cache', mode: 'cache' }), ['echo made > /opt/cache/new']);
      assert.equal(await readFile(join(source, 'new'), 'utf8'), 'made\n');
    });

    it('may be single files', async () => {
      const file = mount({ source: join(source, 'kept'), destination: '/opt/one', mode: 'ro' });
      assert.match(await runWith(file, ['cat /opt/one']), /^from the machine$/m);
    });
  });

  it('are not put over anything of the checkout, nor behind a link in it', async function () {
    requiresCommand('bwrap', this);
    host = await SandboxHost.create(scratch.path, {
      mounts: [mount({ destination: 'deps/node', mode: 'ro' })],
    });
    const fillings = [
      (checkout: string) => mkdir(join(checkout, 'deps/node'), { recursive: true }),
      (checkout: string) => symlink('/etc', join(checkout, 'deps')),
      (checkout: string) => writeFile(join(checkout, 'deps'), ''),
    ];
    for (const fill of fillings) {
      await assert.rejects(
        host.build(async (checkout) => void (await fill(checkout))),
        { code: ErrorCode.VALIDATION_FAILED },
      );
    }
  });

  for (const destination of [
    '/',
    '/etc',
    '/usr',
    '/proc/x',
    '/dev',
    '/run/x',
    '/tmp',
    '.',
    '../x',
    '/workspace',
  ]) {
    it(`are not put at ${destination}`, async () => {
      await assert.rejects(readMounts([mount({ destination, mode: 'ro' })], []), {
        code: ErrorCode.VALIDATION_FAILED,
      });
    });
  }

  it('show nothing of the agent’s own, also by a link or from above', async () => {
    const state = join(scratch.path, 'state');
    await mkdir(join(state, 'keys'), { recursive: true });
    await symlink(state, join(scratch.path, 'link'));
    for (const shown of [state, join(state, 'keys'), join(scratch.path, 'link'), scratch.path]) {
      await assert.rejects(
        readMounts([mount({ source: shown, destination: '/opt/x', mode: 'ro' })], [state]),
        {
          code: ErrorCode.VALIDATION_FAILED,
        },
      );
    }
  });

  it('have sources that are absolute and exist', async () => {
    for (const missing of ['relative', join(scratch.path, 'nothing')]) {
      await assert.rejects(readMounts([mount({ source: missing, destination: '/opt/x', mode: 'ro' })], []), {
        code: ErrorCode.VALIDATION_FAILED,
      });
    }
  });

  function mount(wish: Omit<Mount, 'source'> & Partial<Mount>): Mount {
    return { source, ...wish };
  }

  async function runWith(only: Mount, commands: readonly string[]): Promise<string> {
    host = await SandboxHost.create(scratch.path, { mounts: [only] });
    return host.run(commands);
  }
});
