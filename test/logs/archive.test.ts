import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { QueryResult } from 'pg';
import { deferred } from '../../src/base/deferred.js';
import { LOG_START, LogReader, tailLog, type LogSlice } from '../../src/logs/index.js';
import { systemClock } from '../../src/base/clock.js';
import { FolderStore, type ObjectStore } from '../../src/storage/index.js';
import { advance, testDatabase } from '../support/database.js';
import { logScene, textOf, type Chunk } from './log-scene.js';

describe('an archived log', () => {
  const database = testDatabase();
  const scene = logScene(database);
  const logState = async (build: string) =>
    (await database.query<{ log_state: string }>('select log_state from builds where id = $1', [build]))[0]
      ?.log_state;
  const chunksOf = async (build: string) =>
    (await database.query('select 1 from log_chunks where build_id = $1', [build])).length;

  afterEach('nothing was complained of', () => assert.deepEqual(scene.complaints.splice(0), []));

  it('reads as it did before, by pages of any size, whatever bytes it has and lacks', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.tuple(fc.nat(1), fc.nat(12), fc.uint8Array({ maxLength: 6 })), {
          selector: ([step, seq]) => `${step}.${seq}`,
          maxLength: 16,
        }),
        fc.integer({ min: 1, max: 5 }),
        async (present, limit) => {
          const chunks = present.map(([step, seq, bytes]): Chunk => [step, seq, Buffer.from(bytes)]);
          const build = await scene.sealed(chunks, { 0: 3 });
          const before = await scene.read(build);
          await scene.archiver().runOnce();
          assert.deepEqual([await logState(build), await chunksOf(build)], ['ARCHIVED', 0]);
          assert.deepEqual(await scene.read(build), before);
          assert.deepEqual(await scene.read(build, { limit }), before);
          for (const [index, { cursor }] of before.entries())
            assert.deepEqual(await scene.read(build, { after: cursor, limit }), before.slice(index + 1));
        },
      ),
      { numRuns: 25 },
    );
  });

  it('is a gzip file of what readers see, with its sums in the row', async () => {
    const bytes = randomBytes(3 * 1024 * 1024);
    const build = await scene.sealed([
      ...Array.from({ length: 48 }, (_, seq): Chunk => [
        2,
        seq,
        bytes.subarray(seq * 65_536, (seq + 1) * 65_536),
      ]),
      [2, 49, 'end'],
    ]);
    await scene.archiver().runOnce();
    const stored = await buffer(await scene.objects.open(`logs/${build}/2.gz`));
    const plain = gunzipSync(stored);
    const marker = '\n[slipway: 1 piece of this log is missing]\n';
    assert.deepEqual(plain, Buffer.concat([bytes, Buffer.from(`${marker}end`)]));
    const [row] = await database.query(
      `select lines::integer, plain_bytes::integer, encode(plain_sha256, 'hex') as plain, stored_bytes::integer,
         encode(stored_sha256, 'hex') as stored from step_logs where build_id = $1`,
      [build],
    );
    const sha256 = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex');
    assert.deepEqual(row, {
      lines: plain.toString('latin1').split('\n').length,
      plain_bytes: plain.byteLength,
      plain: sha256(plain),
      stored_bytes: stored.byteLength,
      stored: sha256(stored),
    });
  });

  it('is read by the block: one piece of a long log inflates no more than that', async () => {
    const build = await scene.sealed(
      Array.from({ length: 64 }, (_, seq): Chunk => [0, seq, randomBytes(65_536)]),
    );
    await scene.archiver().runOnce();
    let bytes = 0;
    const counting: ObjectStore = {
      put: (key, content) => scene.objects.put(key, content),
      remove: (key) => scene.objects.remove(key),
      open: async (key, range) => {
        const stream = await scene.objects.open(key, range);
        stream.on('data', (chunk: Buffer) => (bytes += chunk.byteLength));
        return stream;
      },
    };
    const reader = new LogReader({ db: database.pool, objects: counting });
    const after = new Map([[0, 62]]);
    const { slices, isFinal } = await reader.read({ buildId: build, step: 0, after, limit: 10 });
    assert.deepEqual([slices.map(({ seq }) => seq), isFinal], [[63], true]);
    assert.ok(bytes < 600_000, `${bytes} bytes were read`);
  });

  it('goes on where its reader was while it lived', async () => {
    const build = await scene.newBuild();
    const slices: LogSlice[] = [];
    const following = (async () => {
      const context = {
        logs: scene.logs,
        hints: scene.hints,
        clock: systemClock,
        recheck: () => Promise.resolve(),
      };
      for await (const slice of tailLog(context, { buildId: build, step: undefined, after: LOG_START })) {
        slices.push(slice);
        if (slice.seq === 4) {
          await scene.seal(build, { 0: 9 });
          await scene.archiver().runOnce();
        }
      }
    })();
    for (let seq = 0; seq < 10; seq++) await scene.append(build, [[0, seq, `${seq}\n`]]);
    await following;
    assert.deepEqual(
      slices.map(({ seq }) => seq),
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    );
    assert.equal(await logState(build), 'ARCHIVED');
  });

  /** A pool that lets something happen before its first statement that matches. */
  function interrupted(pattern: RegExp, happening: () => Promise<unknown>) {
    let isDone = false;
    return {
      query: async (text: string, values?: unknown[]): Promise<QueryResult> => {
        if (!isDone && pattern.test(text)) {
          isDone = true;
          await happening();
        }
        return database.pool.query(text, values);
      },
    } as unknown as typeof database.pool;
  }

  it('is found by a reader who had just learned that it is in the database', async () => {
    const build = await scene.sealed([
      [0, 0, 'a'],
      [0, 2, 'c'],
      [1, 0, 'd'],
    ]);
    const before = await scene.read(build);
    const db = interrupted(/from log_chunks/, () => scene.archiver().runOnce());
    const reader = new LogReader({ db, objects: scene.objects });
    const { slices } = await reader.read({ buildId: build, step: undefined, after: LOG_START, limit: 100 });
    assert.deepEqual(slices, before);
  });

  it('is marked as removed to a reader who had just learned that it is in the archive', async () => {
    const build = await scene.sealed([[0, 0, 'a']]);
    await scene.archiver().runOnce();
    const db = interrupted(/from log_blocks/, async () => {
      await advance(database, '2 days');
      await scene.retention(86_400_000).runOnce();
    });
    const reader = new LogReader({ db, objects: scene.objects });
    const { slices } = await reader.read({ buildId: build, step: undefined, after: LOG_START, limit: 100 });
    assert.deepEqual(
      slices.map(({ kind }) => kind),
      ['REMOVED'],
    );
  });

  it('is an error, and no endless search, when its object is lost', async () => {
    const build = await scene.sealed([[0, 0, 'a']]);
    await scene.archiver().runOnce();
    await scene.objects.remove(`logs/${build}/0.gz`);
    await assert.rejects(scene.read(build), { code: 'STORE_UNAVAILABLE', message: /logs\/.*\/0\.gz/ });
  });

  it('is made once by two replicas that share the work', async () => {
    const builds = await Promise.all(
      Array.from({ length: 20 }, (_, index) => scene.sealed([[0, 0, `log ${index}`]])),
    );
    const taken = await Promise.all([scene.archiver().runOnce(), scene.archiver().runOnce()]);
    assert.equal(taken[0] + taken[1], 20);
    for (const [index, build] of builds.entries()) {
      assert.equal(await logState(build), 'ARCHIVED');
      assert.equal(textOf(await scene.read(build)), `log ${index}`);
    }
  });

  it('is missed at once by a replica that has a store of its own', async () => {
    await scene.sealed([[0, 0, 'a']]);
    await scene.archiver().runOnce();
    await scene.archiver().checkStore();
    assert.deepEqual(scene.complaints, []);
    await scene.archiver(new FolderStore(join(scene.directory, 'another'))).checkStore();
    assert.match(scene.complaints.splice(0).join(), /do all replicas share it/);
  });

  it('makes the build archived once all of its steps are, although the last two end at once', async () => {
    let arrived = deferred<void>();
    let count = 0;
    const meeting: ObjectStore = {
      open: (key, range) => scene.objects.open(key, range),
      remove: (key) => scene.objects.remove(key),
      put: async (key, content) => {
        const object = await scene.objects.put(key, content);
        const here = arrived;
        if (++count % 2 === 0) {
          arrived = deferred();
          here.resolve();
        }
        await here.promise;
        return object;
      },
    };
    for (let round = 0; round < 10; round++) {
      const build = await scene.sealed([
        [0, 0, 'a'],
        [1, 0, 'b'],
      ]);
      await Promise.all([scene.archiver(meeting).runOnce(), scene.archiver(meeting).runOnce()]);
      assert.equal(await logState(build), 'ARCHIVED');
    }
  });

  it('is not made of a log that lacks more than it did when it was sealed', async () => {
    const build = await scene.sealed([
      [0, 0, 'a'],
      [0, 1, 'b'],
      [0, 2, 'c'],
    ]);
    await database.query('delete from log_chunks where build_id = $1 and seq = 1', [build]);
    await scene.archiver().runOnce();
    assert.match(scene.complaints.splice(0).join(), /1 pieces of the log are missing, 0 were/);
    assert.deepEqual([await logState(build), await chunksOf(build)], ['SEALED', 2]);
  });
});

describe('an archiver that is killed', () => {
  const database = testDatabase();
  const scene = logScene(database);

  /** A store that fails in the moment of a death. */
  function dying(moment: 'before' | 'within' | 'after'): ObjectStore {
    const fail = (): never => {
      throw new Error('killed');
    };
    return {
      open: (key, range) => scene.objects.open(key, range),
      remove: (key) => scene.objects.remove(key),
      put: async (key, content) => {
        if (moment === 'before') fail();
        const broken = async function* () {
          yield* content;
          if (moment === 'within') fail();
        };
        await scene.objects.put(key, broken());
        return fail();
      },
    };
  }

  for (const moment of ['before', 'within', 'after'] as const) {
    it(`${moment} the object was put leaves a log that can be read, and that is archived later`, async () => {
      const build = await scene.sealed([
        [0, 0, 'a'],
        [0, 1, 'b'],
      ]);
      await scene.archiver(dying(moment)).runOnce();
      assert.match(scene.complaints.splice(0).join(), /killed/);
      assert.equal(textOf(await scene.read(build)), 'ab');
      assert.equal(await scene.archiver().runOnce(), 0, 'it is claimed for a while');
      await advance(database, '6 minutes');
      assert.equal(await scene.archiver().runOnce(), 1);
      assert.equal(textOf(await scene.read(build)), 'ab');
      assert.deepEqual(await database.query('select 1 from log_chunks where build_id = $1', [build]), []);
      assert.deepEqual(scene.complaints, []);
    });
  }

  it('or was only slow finds that another one was faster, and harms nothing', async () => {
    const build = await scene.sealed([[0, 0, 'a']]);
    const overtaken: ObjectStore = {
      open: (key, range) => scene.objects.open(key, range),
      remove: (key) => scene.objects.remove(key),
      put: async (key, content) => {
        await advance(database, '6 minutes');
        assert.equal(await scene.archiver().runOnce(), 1);
        return scene.objects.put(key, content);
      },
    };
    await scene.archiver(overtaken).runOnce();
    assert.equal(textOf(await scene.read(build)), 'a');
    assert.deepEqual(scene.complaints, []);
  });

  it('leaves no object of a log that was removed meanwhile', async () => {
    const build = await scene.sealed([[0, 0, 'a']]);
    const late: ObjectStore = {
      open: (key, range) => scene.objects.open(key, range),
      remove: (key) => scene.objects.remove(key),
      put: async (key, content) => {
        const object = await scene.objects.put(key, content);
        await advance(database, '2 days');
        await scene.retention(86_400_000).runOnce();
        await scene.objects.put(key, (async function* () {})());
        return object;
      },
    };
    await scene.archiver(late).runOnce();
    await assert.rejects(scene.objects.open(`logs/${build}/0.gz`), { code: 'NOT_FOUND' });
  });
});
