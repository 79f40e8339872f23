import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { LocalHints } from '../../src/database/hints.js';
import { systemClock, type Clock } from '../../src/base/clock.js';
import { LOG_START, tailLog, type LogPosition, type LogSlice } from '../../src/logs/index.js';
import { testDatabase } from '../support/database.js';
import { logScene, textOf, type Chunk } from './log-scene.js';

describe('the log of a build', () => {
  const database = testDatabase();
  const scene = logScene(database);
  const newBuild = (): Promise<string> => scene.newBuild();
  const append = (build: string, chunks: readonly Chunk[]): Promise<void> => scene.append(build, chunks);
  const finish = (build: string, lastSeqs: Record<number, number>): Promise<void> =>
    scene.finish(build, lastSeqs);

  const context = () => ({
    logs: scene.logs,
    hints: scene.hints,
    clock: systemClock,
    recheck: () => Promise.resolve(),
  });

  async function collect(build: string, after: LogPosition = LOG_START): Promise<LogSlice[]> {
    const slices: LogSlice[] = [];
    for await (const slice of tailLog(context(), { buildId: build, step: undefined, after }))
      slices.push(slice);
    return slices;
  }

  it('is followed from its beginning to its end', async () => {
    const build = await newBuild();
    await append(build, [
      [0, 0, 'a'],
      [1, 0, 'b'],
    ]);
    const following = collect(build);
    await append(build, [
      [1, 1, 'c'],
      [2, 0, 'd'],
    ]);
    await finish(build, { 0: 0, 1: 1, 2: 0, 3: -1 });
    assert.equal(textOf(await following), 'abcd');
  });

  it('is followed also when every hint is lost', async () => {
    const build = await newBuild();
    const waits: number[] = [];
    const clock: Clock = {
      ...systemClock,
      // Called once everything was read: what comes now is found by looking again, if at all.
      sleep: async (ms) => {
        waits.push(ms);
        await append(build, [[0, waits.length - 1, 'late']]);
      },
    };
    const deaf = { ...context(), hints: new LocalHints(), clock };
    const slices = tailLog(deaf, { buildId: build, step: undefined, after: LOG_START });
    assert.equal((await slices.next()).value?.text, 'late');
    assert.deepEqual(waits, [1000]);
    await slices.return();
  });

  it('goes on after any piece, without repeating or leaving out', async () => {
    const build = await newBuild();
    await append(build, [
      [0, 0, 'a'],
      [0, 1, 'b'],
      [1, 0, 'c'],
      [2, 0, 'd'],
      [2, 1, 'e'],
    ]);
    await finish(build, { 0: 1, 1: 0, 2: 1 });
    const whole = await collect(build);
    for (const [index, { cursor }] of whole.entries()) {
      assert.equal(textOf(await collect(build, cursor)), textOf(whole.slice(index + 1)));
    }
  });

  it('shows a piece of an early step that is stored after one of a later step', async () => {
    const build = await newBuild();
    await append(build, [[2, 0, 'second']]);
    const { slices, end } = await scene.logs.read({
      buildId: build,
      step: undefined,
      after: LOG_START,
      limit: 10,
    });
    assert.equal(textOf(slices), 'second');
    await append(build, [[1, 0, 'first']]);
    const more = await scene.logs.read({ buildId: build, step: undefined, after: end, limit: 10 });
    assert.equal(textOf(more.slices), 'first');
  });

  it('holds a piece back until its predecessor is there', async () => {
    const build = await newBuild();
    await append(build, [
      [0, 0, 'a'],
      [0, 2, 'c'],
    ]);
    await finish(build, { 0: 2 });
    const range = { buildId: build, step: undefined, after: LOG_START, limit: 10 };
    const early = await scene.logs.read(range);
    assert.deepEqual([textOf(early.slices), early.isFinal], ['a', false]);
    await append(build, [[0, 1, 'b']]);
    const late = await scene.logs.read(range);
    assert.deepEqual([textOf(late.slices), late.isFinal], ['abc', true]);
  });

  it('ends with a notice in each gap once it is sealed', async () => {
    const build = await newBuild();
    await append(build, [
      [0, 0, 'a'],
      [0, 2, 'c'],
    ]);
    await scene.seal(build, { 0: 2 });
    assert.equal(textOf(await collect(build)), 'a\n[slipway: 1 piece of this log is missing]\nc');
  });

  for (const size of [1, 2, 3, 5]) {
    it(`keeps characters whole in pieces of ${size} bytes, read at once or one by one`, async () => {
      const text = 'aé€😀 ž漢字\u0000 end 🏗️';
      const bytes = Buffer.from(text);
      const build = await newBuild();
      const parts = Array.from({ length: Math.ceil(bytes.length / size) }, (_, seq) =>
        bytes.subarray(seq * size, (seq + 1) * size),
      );
      await append(
        build,
        parts.map((part, seq): Chunk => [0, seq, part]),
      );
      await finish(build, { 0: parts.length - 1 });
      assert.equal(textOf(await collect(build)), text);
      let after = LOG_START;
      let read = '';
      for (let isFinal = false; !isFinal;) {
        const part = await scene.logs.read({ buildId: build, step: 0, after, limit: 1 });
        read += textOf(part.slices);
        ({ end: after, isFinal } = part);
      }
      assert.equal(read, text);
    });
  }

  it('replaces what is no UTF-8, also at its very end', async () => {
    const build = await newBuild();
    await append(build, [
      [0, 0, Buffer.from([0x61, 0xff, 0x62])],
      [0, 1, Buffer.from([0xe2, 0x82])],
    ]);
    await finish(build, { 0: 1 });
    assert.equal(textOf(await collect(build)), 'a\ufffdb\ufffd');
  });

  it('is left at once by who stops to follow', async () => {
    const slices = tailLog(context(), { buildId: await newBuild(), step: undefined, after: LOG_START });
    const waiting = slices.next();
    await new Promise((resolve) => setImmediate(resolve));
    await slices.return();
    assert.deepEqual(await waiting, { done: true, value: undefined });
  });

  it('stops when its reader may not read any more', async () => {
    const build = await newBuild();
    const recheck = (): Promise<void> => Promise.reject(new Error('revoked'));
    const slices = tailLog({ ...context(), recheck }, { buildId: build, step: undefined, after: LOG_START });
    await assert.rejects(slices.next(), /revoked/);
  });

  it('is not there for an unknown build', async () => {
    await assert.rejects(collect(randomUUID()), { code: 'NOT_FOUND' });
  });
});
