import assert from 'node:assert/strict';
import fc from 'fast-check';
import { LOG_START, LogReader, type LogSlice } from '../../src/logs/index.js';
import { testDatabase } from '../support/database.js';
import { logScene, textOf, type Chunk } from './log-scene.js';

describe('a log of which something never came', () => {
  const database = testDatabase();
  const scene = logScene(database);
  const shapeOf = (slices: readonly LogSlice[]) =>
    slices.map(({ step, seq, kind, missing }) => [step, seq, kind, missing]);

  it('says so in the place of the gap, and a cursor passes it', async () => {
    const build = await scene.sealed([
      [1, 2, 'c\n'],
      [1, 5, 'f\n'],
    ]);
    const slices = await scene.read(build);
    assert.deepEqual(shapeOf(slices), [
      [1, 1, 'MISSING', 2],
      [1, 2, 'TEXT', 0],
      [1, 4, 'MISSING', 2],
      [1, 5, 'TEXT', 0],
    ]);
    assert.equal(
      textOf(slices),
      '[slipway: 2 pieces of this log are missing]\nc\n[slipway: 2 pieces of this log are missing]\nf\n',
    );
    for (const [index, { cursor }] of slices.entries())
      assert.deepEqual(await scene.read(build, { after: cursor }), slices.slice(index + 1));
    assert.deepEqual(await scene.read(build, { limit: 1 }), slices);
  });

  it('says so at its end when the agent has announced more', async () => {
    const build = await scene.sealed([[0, 0, 'a']], { 0: 3 });
    const slices = await scene.read(build);
    assert.deepEqual(shapeOf(slices), [
      [0, 0, 'TEXT', 0],
      [0, 3, 'MISSING', 3],
    ]);
    assert.match(textOf(slices), /^a\n\[slipway: 3 pieces of this log are missing\]\n$/);
  });

  it('says so for a step of which nothing came at all, and for the largest number that can be announced', async () => {
    const build = await scene.sealed([], { 0: 0, 1: -1, 7: 2 ** 31 - 2 });
    assert.deepEqual(shapeOf(await scene.read(build)), [
      [0, 0, 'MISSING', 1],
      [7, 2 ** 31 - 2, 'MISSING', 2 ** 31 - 1],
    ]);
  });

  it('ends with what is there when the agent was lost', async () => {
    const build = await scene.sealed([
      [0, 0, 'a'],
      [0, 1, 'b'],
    ]);
    const part = await scene.logs.read({ buildId: build, step: undefined, after: LOG_START, limit: 10 });
    assert.deepEqual([textOf(part.slices), part.isFinal], ['ab', true]);
    const [row] = await database.query(
      'select last_seq, missing::integer from step_logs where build_id = $1',
      [build],
    );
    assert.deepEqual(row, { last_seq: 1, missing: 0 });
  });

  it('does not put together a character from both sides of a gap', async () => {
    const euro = Buffer.from('€');
    const build = await scene.sealed([
      [0, 0, euro.subarray(0, 2)],
      [0, 2, euro.subarray(2)],
    ]);
    const expected = '\n[slipway: 1 piece of this log is missing]\n';
    assert.equal(textOf(await scene.read(build)), `\ufffd${expected}\ufffd`);
    assert.equal(textOf(await scene.read(build, { limit: 1 })), `\ufffd${expected}\ufffd`);
  });

  it('is sealed once: what is due is counted under the lock', async () => {
    const build = await scene.newBuild();
    await scene.append(build, [[0, 0, 'a']]);
    await scene.finish(build, { 0: 1 });
    assert.deepEqual(await scene.sweep(), []);
    await scene.append(build, [[0, 1, 'b']]);
    assert.deepEqual(await scene.sweep(), [build]);
    assert.deepEqual(await scene.sweep(), []);
  });

  it('reads the same by pages of any size, whatever is missing', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.tuple(fc.nat(1), fc.nat(9)), { selector: String, maxLength: 14 }),
        fc.integer({ min: 1, max: 4 }),
        fc.nat(11),
        async (present, limit, announced) => {
          const chunks = present.map(([step, seq]): Chunk => [step, seq, `${step}.${seq}€`]);
          const build = await scene.sealed(chunks, { 0: announced });
          const whole = await scene.read(build);
          assert.deepEqual(await scene.read(build, { limit }), whole);
          for (const step of [0, 1]) {
            const mine = whole.filter((slice) => slice.step === step);
            const numbers = mine.flatMap(({ seq, missing }) =>
              Array.from({ length: missing || 1 }, (_, index) => seq - (missing || 1) + 1 + index),
            );
            assert.deepEqual(numbers, [...numbers.keys()], 'every number once, in order');
            const told = mine.filter(({ kind }) => kind === 'TEXT').map(({ seq }) => seq);
            const stored = present.filter(([number]) => number === step).map(([, seq]) => seq);
            assert.deepEqual(
              told,
              stored.sort((a, b) => a - b),
            );
          }
        },
      ),
      { numRuns: 25 },
    );
  });
});

describe('a page of a log', () => {
  const database = testDatabase();
  const scene = logScene(database);
  const MEBIBYTE = 1024 * 1024;

  it('has at most 1 MiB, or one piece', async () => {
    const sizes = [600_000, 500_000, MEBIBYTE, MEBIBYTE, 10, 10];
    const build = await scene.newBuild();
    await scene.append(
      build,
      sizes.map((size, seq): Chunk => [seq < 3 ? 0 : 1, seq < 3 ? seq : seq - 3, Buffer.alloc(size, 'x')]),
    );
    const pages: number[][] = [];
    for (let after = LOG_START, isEnd = false; !isEnd;) {
      const part = await scene.logs.read({ buildId: build, step: undefined, after, limit: 100 });
      if (part.slices.length > 0) pages.push(part.slices.map(({ text }) => text.length));
      isEnd = part.slices.length === 0;
      after = part.end;
    }
    assert.deepEqual(pages, [[600_000, 500_000], [MEBIBYTE], [MEBIBYTE], [10, 10]]);
  });

  it('makes the database fetch no chunk that does not fit', async () => {
    const build = await scene.newBuild();
    await scene.append(
      build,
      Array.from({ length: 100 }, (_, seq): Chunk => [0, seq, Buffer.alloc(MEBIBYTE / 4)]),
    );
    let bytes = 0;
    const { pool } = database;
    const counting = {
      query: async (text: string, values?: unknown[]) => {
        const result = await pool.query<{ data?: Buffer }>(text, values);
        bytes += result.rows.reduce((sum, { data }) => sum + (data?.byteLength ?? 0), 0);
        return result;
      },
    };
    const reader = new LogReader({ db: counting as unknown as typeof pool, objects: scene.objects });
    await reader.read({ buildId: build, step: undefined, after: LOG_START, limit: 100 });
    assert.equal(bytes, MEBIBYTE);
  });
});
