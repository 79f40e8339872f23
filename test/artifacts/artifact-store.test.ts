import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { ArtifactStore } from '../../src/artifacts/index.js';
import { DomainError } from '../../src/base/errors.js';
import { sign } from '../../src/protocol/identity.js';
import { uploadBytes } from '../../src/protocol/signatures.js';
import { FolderStore } from '../../src/storage/index.js';
import { useScratch } from '../agent/support/scratch.js';
import { testDatabase } from '../support/database.js';
import type { OpenedPackage, SimulatedAgent } from '../support/world/simulated-agent.js';
import { testWorld } from '../support/world/world.js';

const CONTENT = Buffer.from('what a step has left');

describe('ArtifactStore', () => {
  const database = testDatabase();
  const world = testWorld(database);
  const scratch = useScratch();
  let store: ArtifactStore;
  let agent: SimulatedAgent;
  let build: OpenedPackage;

  beforeEach(async () => {
    const replica = await world.replica();
    const objects = new FolderStore(scratch.path);
    store = new ArtifactStore({
      db: database.pool,
      objects,
      origins: () => ['http://other', 'http://known'],
    });
    agent = await world.agent(replica);
    await world.admit(replica);
    build = await agent.acceptNext();
  });

  function fileOf(path: string, content = CONTENT) {
    const sha256 = createHash('sha256').update(content).digest('hex');
    return { step: 2, path, bytes: content.length, sha256 };
  }

  async function announce(...files: ReturnType<typeof fileOf>[]) {
    const item = { buildId: build.head.build, token: build.content.buildToken, files };
    const [answer] = await agent.session.createUploads([item]);
    return answer!;
  }

  async function idOf(file: ReturnType<typeof fileOf>): Promise<string> {
    const answer = await announce(file);
    assert.equal(answer.outcome, 'OK', answer.message ?? '');
    return answer.uploadIds![0]!;
  }

  function signed(uploadId: string, file: ReturnType<typeof fileOf>): string {
    const fields = { serverOrigin: 'http://known', uploadId, sha256: file.sha256, bytes: file.bytes };
    return sign(agent.keys.privateKey, uploadBytes(fields));
  }

  async function* pieces(...parts: (Buffer | Error)[]): AsyncGenerator<Uint8Array> {
    for (const part of parts) {
      if (part instanceof Error) throw part;
      yield await Promise.resolve(part);
    }
  }

  async function refused(work: Promise<unknown>, code: string): Promise<void> {
    await assert.rejects(work, (error) => error instanceof DomainError && error.code === code);
  }

  const stored = () => database.query('select id from artifacts where stored_at is not null');

  it('takes a file that was announced, once, and gives it out whole and in parts', async () => {
    const file = fileOf('dist/app.js');
    const id = await idOf(file);
    assert.equal(await idOf(file), id);
    await refused(store.find(id), 'NOT_FOUND');
    const signature = signed(id, file);
    await store.receive({ id, signature, content: pieces(CONTENT.subarray(0, 5), CONTENT.subarray(5)) });
    await store.receive({ id, signature, content: pieces(new Error('is not read again')) });
    assert.equal(await idOf(file), id);
    const artifact = await store.find(id);
    assert.deepEqual([artifact.path, artifact.bytes], [file.path, file.bytes]);
    assert.equal(await text(await store.open(artifact)), CONTENT.toString());
    assert.equal(
      await text(await store.open(artifact, { start: 5, end: 9 })),
      CONTENT.toString().slice(5, 9),
    );
  });

  it('keeps nothing that is not what was announced, and takes the right bytes after it', async () => {
    const file = fileOf('dist/app.js');
    const id = await idOf(file);
    const signature = signed(id, file);
    const others = [
      CONTENT.subarray(1),
      Buffer.concat([CONTENT, CONTENT]),
      Buffer.from(CONTENT.toString().toUpperCase()),
    ];
    for (const other of others)
      await assert.rejects(store.receive({ id, signature, content: pieces(other) }), DomainError);
    await assert.rejects(
      store.receive({ id, signature, content: pieces(CONTENT.subarray(3), new Error('gone')) }),
    );
    assert.deepEqual(await stored(), []);
    await store.receive({ id, signature, content: pieces(CONTENT) });
    assert.equal((await stored()).length, 1);
  });

  it('takes a file by the signature of the worker over this upload alone', async () => {
    const [file, other] = [fileOf('a'), fileOf('b')];
    const [id, otherId] = [await idOf(file), await idOf(other)];
    const stranger = (await world.agent(await world.replica())).keys;
    const fields = { serverOrigin: 'http://known', uploadId: id, sha256: file.sha256, bytes: file.bytes };
    const wrong = [
      '',
      signed(otherId, file),
      sign(stranger.privateKey, uploadBytes(fields)),
      sign(agent.keys.privateKey, uploadBytes({ ...fields, serverOrigin: 'http://evil' })),
      sign(agent.keys.privateKey, uploadBytes({ ...fields, bytes: 1 })),
    ];
    for (const signature of wrong)
      await refused(store.receive({ id, signature, content: pieces(CONTENT) }), 'FORBIDDEN');
    await refused(store.receive({ id: randomUUID(), signature: '', content: pieces(CONTENT) }), 'NOT_FOUND');
  });

  it('takes nothing more once the build is over', async () => {
    const file = fileOf('dist/app.js');
    const id = await idOf(file);
    const content = async function* (): AsyncGenerator<Uint8Array> {
      yield CONTENT.subarray(0, 3);
      await agent.finish(build);
      yield CONTENT.subarray(3);
    };
    await refused(store.receive({ id, signature: signed(id, file), content: content() }), 'STALE_BUILD');
    await refused(store.receive({ id, signature: signed(id, file), content: pieces(CONTENT) }), 'NOT_FOUND');
    assert.deepEqual(await stored(), []);
    assert.notEqual((await announce(fileOf('late'))).outcome, 'OK');
  });

  it('announces no paths that lead elsewhere, no nonsense and nothing over the limits', async () => {
    const file = fileOf('fine');
    const bad = [
      ...['', '/etc/passwd', '../up', 'a/../../b', 'a//b', 'a\\b', 'a\nb', 'x'.repeat(1_001)].map((path) =>
        fileOf(path),
      ),
      { ...file, sha256: 'zz' },
      { ...file, bytes: -1 },
      { ...file, bytes: 1.5 },
      { ...file, bytes: 1_000_001 },
    ];
    for (const each of bad)
      assert.equal((await announce(file, each)).outcome, 'INVALID', JSON.stringify(each));
    const many = Array.from({ length: 11 }, (_, n) => fileOf(`many/${n}`));
    assert.match((await announce(...many)).message ?? '', /at most 10 artifacts/);
    const large = ['a', 'b', 'c'].map((path) => ({ ...fileOf(path), bytes: 900_000 }));
    assert.match((await announce(...large)).message ?? '', /2000000 bytes together/);
    assert.deepEqual(await database.query('select id from artifacts'), []);
    assert.equal((await announce(...large.slice(0, 2))).outcome, 'OK');
    assert.equal((await announce(large[2]!)).outcome, 'INVALID');
  });

  it('refuses a token of another build', async () => {
    const item = { buildId: randomUUID(), token: build.content.buildToken, files: [fileOf('a')] };
    const [answer] = await agent.session.createUploads([item]);
    assert.deepEqual([answer?.outcome, answer?.uploadIds], ['FORBIDDEN', null]);
  });
});
