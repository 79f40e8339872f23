import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { secretFile } from '../../src/up/secret-file.js';

describe('secretFile', () => {
  it('makes a secret once, for its owner alone, and leaves no draft', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'slipway-secret-'));
    const path = join(dir, 'key');
    assert.equal(await secretFile(path, () => 'first'), 'first');
    assert.equal(await secretFile(path, () => 'second'), 'first');
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.deepEqual(await readdir(dir), ['key']);
    await rm(dir, { recursive: true });
  });
});
