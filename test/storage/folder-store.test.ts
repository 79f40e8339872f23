import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { ErrorCode } from '../../src/base/errors.js';
import { FolderStore } from '../../src/storage/index.js';

describe('FolderStore', () => {
  let root: string;
  let store: FolderStore;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'slipway-store-'));
    store = new FolderStore(root);
  });

  afterEach(() => rm(root, { recursive: true, force: true }));

  it('gives back what it took, whole or in part, and says its size and hash', async () => {
    const stored = await store.put('logs/build/1.gz', pieces('hello ', '', 'world'));
    assert.deepEqual(stored, {
      bytes: 11,
      sha256: createHash('sha256').update('hello world').digest('hex'),
    });
    assert.equal(await read('logs/build/1.gz'), 'hello world');
    assert.equal(await read('logs/build/1.gz', { start: 6 }), 'world');
    assert.equal(await read('logs/build/1.gz', { start: 1, end: 4 }), 'ell');
  });

  it('replaces an object of the same key', async () => {
    await store.put('a', pieces('old'));
    await store.put('a', pieces('new'));
    assert.equal(await read('a'), 'new');
  });

  it('keeps nothing of an object whose content fails or is too large', async () => {
    await assert.rejects(store.put('a', failing()), /the source broke/);
    await assert.rejects(store.put('a', pieces('1234', '5678'), { maxBytes: 7 }), {
      code: ErrorCode.TOO_LARGE,
    });
    await assert.rejects(store.open('a'), { code: ErrorCode.NOT_FOUND });
    assert.deepEqual(await readdir(join(root, 'drafts')), []);
  });

  it('forgets an object, also one that it never had', async () => {
    await store.put('a', pieces('x'));
    await store.remove('a');
    await store.remove('a');
    await assert.rejects(store.open('a'), { code: ErrorCode.NOT_FOUND });
  });

  for (const key of [
    '',
    '..',
    '../a',
    'a/../b',
    '/etc/passwd',
    'a//b',
    '.hidden',
    'a\0b',
    'a\\b',
    'ä',
    'a/',
  ]) {
    it(`refuses the key ${JSON.stringify(key)}`, async () => {
      await assert.rejects(store.put(key, pieces('x')), { code: ErrorCode.VALIDATION_FAILED });
      await assert.rejects(store.open(key), { code: ErrorCode.VALIDATION_FAILED });
    });
  }

  async function read(key: string, range?: { start: number; end?: number }): Promise<string> {
    return (await buffer(await store.open(key, range))).toString('utf8');
  }
});

async function* pieces(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield await Promise.resolve(Buffer.from(text));
}

async function* failing(): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.from('some'));
  throw new Error('the source broke');
}
