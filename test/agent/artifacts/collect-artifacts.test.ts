import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFile, mkdir, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { collectArtifacts } from '../../../src/agent/artifacts/collect-artifacts.js';
import type { Uploader, UploadRequest } from '../../../src/agent/artifacts/uploader.js';
import { Mask } from '../../../src/agent/masking/mask.js';
import { useScratch } from '../support/scratch.js';

/** Takes every file, as it is read. */
class Shelf implements Uploader {
  readonly files = new Map<string, Buffer>();
  problem: string | null = null;

  async upload({ file, read }: UploadRequest): Promise<string | null> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of read()) chunks.push(Buffer.from(chunk));
    const content = Buffer.concat(chunks);
    assert.equal(file.bytes, content.length);
    assert.equal(file.sha256, createHash('sha256').update(content).digest('hex'));
    this.files.set(file.path, content);
    return this.problem;
  }
}

describe('collectArtifacts', () => {
  const scratch = useScratch();
  let shelf: Shelf;
  let checkout: string;

  beforeEach(async () => {
    shelf = new Shelf();
    checkout = join(scratch.path, 'source');
    await mkdir(join(checkout, 'dist/deep/er'), { recursive: true });
    await writeFile(join(checkout, 'dist/app.js'), 'app');
    await writeFile(join(checkout, 'dist/deep/er/map.json'), '{}');
    await writeFile(join(checkout, 'report.xml'), '<xml/>');
    await writeFile(join(scratch.path, 'identity.key'), 'the key');
  });

  async function collect(...globs: string[]): Promise<string[]> {
    const notices: string[] = [];
    const collection = {
      checkout,
      globs,
      owner: { buildId: 'build', token: 'token' },
      step: 2,
      mask: new Mask(['canary-of-names']),
      capBytes: 1_000,
      uploader: shelf,
      signal: new AbortController().signal,
    };
    for await (const notice of collectArtifacts(collection)) notices.push(notice);
    return notices;
  }

  it('uploads what the globs fit, once, and says which fit nothing', async () => {
    const notices = await collect('dist/**', './report.xml', '**/*.json', 'nothing/*', '../identity.key');
    assert.deepEqual([...shelf.files.keys()], ['dist/app.js', 'dist/deep/er/map.json', 'report.xml']);
    assert.equal(shelf.files.get('dist/app.js')?.toString(), 'app');
    assert.deepEqual(notices, ['no file fits nothing/*', 'no file fits ../identity.key']);
  });

  it('follows no link, to a file or to a directory, and opens no pipe', async () => {
    await symlink(join(scratch.path, 'identity.key'), join(checkout, 'dist/key.link'));
    await symlink(scratch.path, join(checkout, 'dist/up'));
    await symlink('.', join(checkout, 'dist/round'));
    execFileSync('mkfifo', [join(checkout, 'dist/pipe')]);
    const notices = await collect('dist/**');
    assert.deepEqual([...shelf.files.keys()], ['dist/app.js', 'dist/deep/er/map.json']);
    assert.deepEqual(notices, [
      'artifact dist/key.link is a link, which is not followed: it is not kept',
      'artifact dist/pipe is no regular file: it is not kept',
      'artifact dist/round is a link, which is not followed: it is not kept',
      'artifact dist/up is a link, which is not followed: it is not kept',
    ]);
  });

  it('keeps nothing of a checkout that was replaced by a link', async () => {
    await symlink(scratch.path, join(scratch.path, 'link'));
    checkout = join(scratch.path, 'link');
    assert.deepEqual(await collect('**'), ['the checkout was replaced: no artifacts are kept', ...[]]);
    assert.equal(shelf.files.size, 0);
  });

  it('leaves a file over the cap, and says so', async () => {
    await truncate(join(checkout, 'report.xml'), 1024 ** 3);
    assert.deepEqual(await collect('report.xml'), [
      `artifact report.xml has ${1024 ** 3} bytes, kept are at most 1000: it is left out`,
    ]);
  });

  it('keeps a file that grows as far as it was when it was opened', async () => {
    const path = join(checkout, 'report.xml');
    const upload = shelf.upload.bind(shelf);
    shelf.upload = async (request) => {
      await appendFile(path, 'and more');
      return upload(request);
    };
    assert.deepEqual(await collect('report.xml'), []);
    assert.equal(shelf.files.get('report.xml')?.toString(), '<xml/>');
  });

  it('refuses names that are no text, or that hold a secret', async () => {
    for (const name of ['a\nb', 'a\x1b[31m', 'canary-of-names.txt'])
      await writeFile(join(checkout, name), '');
    execFileSync('bash', ['-c', `touch "$0/"$'\\xff\\xfe'`, checkout]);
    const notices = await collect('*');
    assert.deepEqual([...shelf.files.keys()], ['report.xml']);
    assert.equal(notices.filter((text) => text.endsWith('its name cannot be kept')).length, 3);
    assert.ok(notices.includes('an artifact has a secret in its name: it is not kept'));
    assert.ok(!notices.join().includes('canary'));
  });

  it('keeps so many files and no more, and makes few remarks of many', async () => {
    await mkdir(join(checkout, 'many'));
    await Promise.all(Array.from({ length: 1_050 }, (_, n) => writeFile(join(checkout, `many/${n}`), '')));
    assert.deepEqual(await collect('many/*'), ['a step leaves at most 1000 artifacts: the rest is left out']);
    assert.equal(shelf.files.size, 1_000);
    shelf.problem = 'no room';
    const notices = await collect('many/1*');
    assert.equal(notices.length, 21);
    assert.match(notices.at(-1) ?? '', /more remarks on artifacts are left out/);
  });
});
