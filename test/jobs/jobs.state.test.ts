import assert from 'node:assert/strict';
import { BuildEnding, jobStates, JobState, stateAfter, type JobBudget } from '../../src/jobs/jobs.state.js';

const FRESH: JobBudget = { attempts: 1, maxAttempts: 3, refusals: 0, maxRefusals: 20 };
const SPENT: JobBudget = { attempts: 3, maxAttempts: 3, refusals: 19, maxRefusals: 20 };

/** What becomes of a job that a worker has, by the ending: with something left of its budget, and without. */
const AFTER: Readonly<Record<BuildEnding, readonly [JobState, JobState]>> = {
  SUCCEEDED: ['COMPLETE', 'COMPLETE'],
  FAILED: ['FAILED', 'FAILED'],
  TIMED_OUT: ['FAILED', 'FAILED'],
  INFRASTRUCTURE: ['PENDING', 'FAILED'],
  LOST: ['PENDING', 'FAILED'],
  AGENT_STOPPED: ['PENDING', 'FAILED'],
  CANCELED: ['PENDING', 'FAILED'],
  REFUSED: ['PENDING', 'REJECTED'],
  UNACKNOWLEDGED: ['PENDING', 'REJECTED'],
  WITHDRAWN: ['PENDING', 'PENDING'],
  UNSEALABLE: ['REJECTED', 'REJECTED'],
};

describe('stateAfter', () => {
  for (const [ending, [fresh, spent]] of Object.entries(AFTER) as [BuildEnding, [JobState, JobState]][]) {
    it(`makes ${fresh} of ${ending}, and ${spent} once the budget is spent`, () => {
      for (const state of ['PROCESSING', 'RUNNING'] as const) {
        assert.equal(stateAfter(state, ending, FRESH), fresh);
        assert.equal(stateAfter(state, ending, SPENT), spent);
      }
    });
  }

  it('lets a cancel win over every ending', () => {
    for (const ending of Object.values(BuildEnding))
      for (const state of ['CANCEL_PENDING', 'CANCEL_PROCESSING'] as const)
        assert.equal(stateAfter(state, ending, FRESH), 'CANCEL_COMPLETE');
  });
});

describe('the life of a job', () => {
  it('ends in states that nothing follows', () => {
    const final = Object.values(JobState).filter((state) => jobStates.isFinal(state));
    assert.deepEqual(final, ['COMPLETE', 'FAILED', 'REJECTED', 'CANCEL_COMPLETE']);
  });

  it('comes to an end from everywhere', () => {
    for (const start of Object.values(JobState)) {
      const seen = new Set<JobState>();
      const reach = (from: JobState): void => {
        if (seen.has(from)) return;
        seen.add(from);
        jobStates.transitions[from].forEach(reach);
      };
      reach(start);
      assert.ok(
        [...seen].some((found) => jobStates.isFinal(found)),
        start,
      );
    }
  });
});
