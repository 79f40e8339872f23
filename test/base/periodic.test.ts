import assert from 'node:assert/strict';
import { deferred } from '../../src/base/deferred.js';
import { silentLogger } from '../../src/base/logger.js';
import { runPeriodically } from '../../src/base/periodic.js';
import { systemClock } from '../../src/base/clock.js';

/** Rounds of work that a test lets begin and end. */
function rounds() {
  let begun = deferred<void>();
  let end = deferred<void>();
  return {
    count: 0,
    async work(): Promise<void> {
      this.count += 1;
      begun.resolve();
      await end.promise;
    },
    async begun(): Promise<void> {
      await begun.promise;
      begun = deferred();
    },
    end(error?: Error): void {
      const ended = end;
      end = deferred();
      if (error === undefined) ended.resolve();
      else ended.reject(error);
    },
  };
}

describe('runPeriodically', () => {
  const start = (work: ReturnType<typeof rounds>, intervalMs = 3_600_000) =>
    runPeriodically({
      name: 'test',
      intervalMs,
      work: () => work.work(),
      clock: systemClock,
      logger: silentLogger,
    });

  it('begins at once, and again when woken', async () => {
    const work = rounds();
    const run = start(work);
    await work.begun();
    work.end();
    run.wake();
    await work.begun();
    work.end();
    await run.stop();
    assert.equal(work.count, 2);
  });

  it('does not lose a call that comes while it works', async () => {
    const work = rounds();
    const run = start(work);
    await work.begun();
    run.wake();
    run.wake();
    work.end();
    await work.begun();
    work.end();
    await run.stop();
    assert.equal(work.count, 2);
  });

  it('goes on after a round that has failed', async () => {
    const work = rounds();
    const run = start(work, 1);
    await work.begun();
    work.end(new Error('test'));
    await work.begun();
    work.end();
    await run.stop();
    assert.ok(work.count >= 2);
  });

  it('stops only when its round is over, and for good', async () => {
    const work = rounds();
    const run = start(work, 1);
    await work.begun();
    let stopped = false;
    const stopping = run.stop().then(() => (stopped = true));
    await Promise.resolve();
    assert.equal(stopped, false);
    work.end();
    await stopping;
    assert.equal(work.count, 1);
  });
});
