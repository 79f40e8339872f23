import assert from 'node:assert/strict';
import { deferred } from '../../src/base/deferred.js';
import { LogIntake } from '../../src/dispatch/log-intake.js';
import type { ChunksReport } from '../../src/dispatch/append-logs.queries.js';
import type { ReportVerdict } from '../../src/dispatch/reporter.js';

describe('the intake of logs', () => {
  const report = (buildId: string, bytes: number): ChunksReport => ({
    buildId,
    workerId: 'w',
    chunks: [{ step: 0, seq: 0, data: Buffer.alloc(bytes) }],
  });

  /** A database that commits when it is told to; the builds of each batch are noted. */
  function slowStore() {
    const batches: string[][] = [];
    let gate = deferred<void>();
    const store = async (reports: readonly ChunksReport[]): Promise<ReportVerdict[]> => {
      batches.push(reports.map(({ buildId }) => buildId));
      await gate.promise;
      return reports.map(() => ({ kind: 'TAKEN' }));
    };
    const commit = (): void => {
      gate.resolve();
      gate = deferred();
    };
    return { batches, store, commit };
  }

  it('puts no more into one transaction than its bytes, except for a single large item', async () => {
    const { batches, store, commit } = slowStore();
    const intake = new LogIntake(store, { batchBytes: 100 });
    const taken = [report('a', 60), report('b', 60), report('c', 40), report('d', 500), report('e', 1)].map(
      (item) => intake.take(item),
    );
    let isDone = false;
    void Promise.all(taken).then(() => (isDone = true));
    while (!isDone) {
      commit();
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.deepEqual(batches, [['a', 'c'], ['b', 'e'], ['d']]);
  });

  it('takes nothing more while too much waits, and again afterwards', async () => {
    const { store, commit } = slowStore();
    const intake = new LogIntake(store, { queueBytes: 100 });
    const first = intake.take(report('a', 500));
    await assert.rejects(intake.take(report('b', 1)), { code: 'RATE_LIMITED' });
    await new Promise((resolve) => setImmediate(resolve));
    commit();
    assert.deepEqual(await first, { kind: 'TAKEN' });
    const second = intake.take(report('b', 1));
    await new Promise((resolve) => setImmediate(resolve));
    commit();
    assert.deepEqual(await second, { kind: 'TAKEN' });
  });
});
