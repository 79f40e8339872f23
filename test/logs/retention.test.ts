import assert from 'node:assert/strict';
import type { ObjectStore } from '../../src/storage/index.js';
import { advance, testDatabase } from '../support/database.js';
import { logScene, textOf } from './log-scene.js';

const DAY_MS = 86_400_000;

describe('the retention of logs', () => {
  const database = testDatabase();
  const scene = logScene(database);
  const NOTICE = '[slipway: this log was removed, since its time of retention is over]\n';
  const rowsOf = async (build: string) =>
    (
      await database.query(
        `select 1 from log_chunks where build_id = $1 union all select 1 from log_blocks where build_id = $1`,
        [build],
      )
    ).length;

  for (const isArchived of [true, false]) {
    it(`removes a log ${isArchived ? 'from the archive' : 'from the database'} after its time, and says so`, async () => {
      const build = await scene.sealed([
        [0, 0, 'a'],
        [0, 1, 'b'],
        [1, 0, 'c'],
      ]);
      if (isArchived) await scene.archiver().runOnce();
      await advance(database, '1 day');
      assert.equal(await scene.retention(2 * DAY_MS).runOnce(), 0);
      await advance(database, '1 day 1 hour');
      assert.equal(await scene.retention(2 * DAY_MS).runOnce(), 2);
      assert.equal(await rowsOf(build), 0);
      await assert.rejects(scene.objects.open(`logs/${build}/0.gz`), { code: 'NOT_FOUND' });
      const slices = await scene.read(build);
      assert.equal(textOf(slices), NOTICE + NOTICE);
      assert.deepEqual(
        slices.map(({ step, seq, kind }) => [step, seq, kind]),
        [
          [0, 1, 'REMOVED'],
          [1, 0, 'REMOVED'],
        ],
      );
      assert.deepEqual(await scene.read(build, { after: slices[0]!.cursor, limit: 1 }), slices.slice(1));
      assert.equal(await scene.archiver().runOnce(), 0);
    });
  }

  it('keeps logs for ever when told so', async () => {
    const build = await scene.sealed([[0, 0, 'a']]);
    await advance(database, '10 years');
    assert.equal(await scene.retention(0).runOnce(), 0);
    assert.equal(textOf(await scene.read(build)), 'a');
  });

  it('finds the object of a log whose removal was cut short', async () => {
    const build = await scene.sealed([[0, 0, 'a']]);
    await scene.archiver().runOnce();
    await advance(database, '3 days');
    const dying: ObjectStore = {
      put: (key, content) => scene.objects.put(key, content),
      open: (key, range) => scene.objects.open(key, range),
      remove: () => Promise.reject(new Error('killed')),
    };
    await assert.rejects(scene.retention(DAY_MS, dying).runOnce(), /killed/);
    assert.equal(textOf(await scene.read(build)), NOTICE);
    await scene.objects.open(`logs/${build}/0.gz`).then((stream) => stream.destroy());
    await scene.retention(DAY_MS).runOnce();
    await assert.rejects(scene.objects.open(`logs/${build}/0.gz`), { code: 'NOT_FOUND' });
  });

  it('removes the logs of builds that are gone, archived or not', async () => {
    const builds = [await scene.sealed([[0, 0, 'a']]), await scene.sealed([[0, 0, 'b']])];
    await scene.archiver().runOnce();
    const open = await scene.newBuild();
    await scene.append(open, [[0, 0, 'c']]);
    await database.query('delete from busy_workers');
    await database.query('delete from builds');
    await scene.retention(0).runOnce();
    for (const build of [...builds, open]) {
      assert.equal(await rowsOf(build), 0);
      await assert.rejects(scene.objects.open(`logs/${build}/0.gz`), { code: 'NOT_FOUND' });
    }
  });
});
