import assert from 'node:assert/strict';
import pc from 'picocolors';
import type { Build, JobWithBuilds } from '../../../src/cli/operations.js';
import { JobNarrator } from '../../../src/cli/watch/job-narrator.js';

const AT = '2026-01-01T00:00:00.000Z';
const plain = pc.createColors(false);

const waiting: JobWithBuilds = {
  id: '0f8fad5b-d9cb-469f-a165-70867728950e',
  number: 17,
  repo: { fullName: 'acme/site' },
  project: { name: 'acme/site' },
  target: 'x86_64-linux',
  event: 'push',
  branch: 'main',
  commit: '4f1c2d3e4f1c2d3e4f1c2d3e4f1c2d3e4f1c2d3e',
  state: 'PENDING',
  attempt: 1,
  reason: 'ALL_WORKERS_BUSY',
  failureKind: null,
  error: null,
  createdAt: AT,
  startedAt: null,
  finishedAt: null,
  worker: null,
  priority: 0,
  waiting: null,
  builds: [],
};

function build(id: string, status: string, stepStatus: string): Build {
  const times = { startedAt: AT, finishedAt: AT };
  const failure = { exitCode: null, failureKind: null, error: null, builtIdent: null, outputs: [] };
  const step = { number: 2, name: 'test', status: stepStatus, exitCode: null, error: null, ...times };
  const steps = [step, { ...step, number: 3, name: 'after', startedAt: null }];
  return { id, offer: 1, attempt: 1, status, worker: null, offeredAt: AT, ...times, ...failure, steps };
}

describe('what is told of a job that is watched', () => {
  it('is why it waits, in words and once; but nothing when its turn is about to come', () => {
    const narrator = new JobNarrator(waiting);
    assert.deepEqual(narrator.newLines({ ...waiting, reason: 'WAITING' }, plain), []);
    const lines = ['○ acme/site#17 waits: every worker that could take it is busy'];
    assert.deepEqual(narrator.newLines(waiting, plain), lines);
    assert.deepEqual(narrator.newLines(waiting, plain), []);
  });

  it('is every attempt whole, also when a second one says the same as the first', () => {
    const narrator = new JobNarrator(waiting);
    const first = narrator.newLines({ ...waiting, builds: [build('a', 'SUCCESS', 'SUCCESS')] }, plain);
    const builds = [build('a', 'SUCCESS', 'SUCCESS'), build('b', 'SUCCESS', 'SUCCESS')];
    const second = narrator.newLines({ ...waiting, reason: null, builds }, plain);
    assert.equal(first.length, 4);
    assert.deepEqual(second, first.slice(1));
  });

  it('does not say twice that it was canceled, nor how long a step took that never began', () => {
    const canceled = { ...build('a', 'CANCELED', 'CANCELED'), failureKind: 'CANCELED', error: 'canceled' };
    const state = { state: 'CANCEL_COMPLETE', failureKind: 'CANCELED', error: 'canceled' } as const;
    const job = { ...waiting, ...state, reason: null, startedAt: AT, finishedAt: AT, builds: [canceled] };
    assert.deepEqual(new JobNarrator(job).newLines(job, plain), [
      '● acme/site#17 attempt 1',
      '  ⊘ test CANCELED 0.0 s',
      '  ⊘ after CANCELED',
      '  ⊘ attempt 1 CANCELED',
      '⊘ acme/site#17 CANCEL_COMPLETE (0.0 s)',
    ]);
  });
});
