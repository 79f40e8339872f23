import assert from 'node:assert/strict';
import fc from 'fast-check';
import { buildStates, BuildStatus } from '../../src/builds/builds.state.js';
import type { BuildFacts } from '../../src/dispatch/facts.queries.js';
import { judgeEnding, type Ending, type Settlement } from '../../src/dispatch/settlement.js';
import { BuildEnding, jobStates, type JobState } from '../../src/jobs/jobs.state.js';

const RUNNING: BuildFacts = {
  build_id: 'build',
  status: 'RUNNING',
  attempt: 1,
  worker_id: 'worker',
  hostname: 'mill',
  slot: 0,
  result_sha256: null,
  job_id: 'job',
  job_state: 'RUNNING',
  attempts: 1,
  max_attempts: 3,
  refusals: 0,
  max_refusals: 20,
  timeout_ms: 1_000,
  node_id: 'node',
  group_id: 'group',
  repo_id: 'repo',
  lane_id: 'lane',
  project: 'acme/app',
  target: 'x86_64-linux',
  lease_session_id: 'session',
  accepted: true,
  hard_deadline_ms: 1_000,
  draining: false,
};
const OFFERED: BuildFacts = { ...RUNNING, status: 'OFFERED', job_state: 'PROCESSING', accepted: false };
const SUCCESS: Ending = { buildId: 'build', ending: 'SUCCEEDED', status: 'SUCCESS' };
const LOST: Ending = { buildId: 'build', ending: 'LOST', status: 'LOST' };
const UNACKNOWLEDGED: Ending = { buildId: 'build', ending: 'UNACKNOWLEDGED', status: 'UNACKNOWLEDGED' };

describe('judgeEnding', () => {
  it('knows nothing of a build that does not exist', () => {
    assert.deepEqual(judgeEnding(undefined, SUCCESS), { kind: 'STALE', status: null });
  });

  it('changes nothing without a live lease, and nothing of a build that is over', () => {
    assert.deepEqual(judgeEnding({ ...RUNNING, lease_session_id: null }, SUCCESS), {
      kind: 'STALE',
      status: 'RUNNING',
    });
    assert.deepEqual(judgeEnding({ ...RUNNING, status: 'LOST' }, SUCCESS), { kind: 'STALE', status: 'LOST' });
  });

  it('answers the same result as the first time, and no other one', () => {
    const over: BuildFacts = { ...RUNNING, status: 'SUCCESS', result_sha256: Buffer.from('one') };
    const repeat = (result: string) => judgeEnding(over, { ...SUCCESS, resultSha256: Buffer.from(result) });
    assert.deepEqual(repeat('one'), { kind: 'REPEATED', status: 'SUCCESS' });
    assert.deepEqual(repeat('two'), { kind: 'STALE', status: 'SUCCESS' });
  });

  it('asks the caller’s condition of what was read under the lock', () => {
    assert.equal(judgeEnding(OFFERED, { ...UNACKNOWLEDGED, onlyIf: () => false }).kind, 'STALE');
    assert.equal(settle(OFFERED, { ...UNACKNOWLEDGED, onlyIf: () => true }).jobState, 'PENDING');
  });

  it('ends a canceled job as canceled, whatever its build came to', () => {
    const { buildStatus, jobState, nodeState } = settle({ ...RUNNING, job_state: 'CANCEL_PENDING' }, SUCCESS);
    assert.deepEqual([buildStatus, jobState, nodeState], ['SUCCESS', 'CANCEL_COMPLETE', 'CANCELED']);
  });

  it('calls an offer of a canceled job canceled', () => {
    const canceled: BuildFacts = { ...OFFERED, job_state: 'CANCEL_PENDING' };
    assert.equal(settle(canceled, UNACKNOWLEDGED).buildStatus, 'CANCELED');
  });

  it('offers a lost job again after the old agent has fenced itself, and gives up after its last attempt', () => {
    const again = settle(RUNNING, LOST);
    assert.deepEqual([again.jobState, again.nodeState, again.charge], ['PENDING', null, 'BUILD']);
    assert.ok(again.requeueAfterMs >= 5_000, `${again.requeueAfterMs}`);
    const last = settle({ ...RUNNING, attempts: 3 }, LOST);
    assert.deepEqual([last.jobState, last.nodeState], ['FAILED', 'FAILURE']);
  });

  it('takes no attempt from a job whose agent drains', () => {
    const stopped: Ending = { buildId: 'build', ending: 'AGENT_STOPPED', status: 'KILLED' };
    const draining = settle({ ...RUNNING, attempts: 3, draining: true }, stopped);
    assert.deepEqual([draining.jobState, draining.refundsAttempt], ['PENDING', true]);
    assert.equal(settle({ ...RUNNING, attempts: 3 }, stopped).jobState, 'FAILED');
  });

  it('blames no job for a worker without space, and the worker not when it is told so', () => {
    const refusal: Ending = {
      buildId: 'build',
      ending: 'REFUSED',
      status: 'REFUSED',
      failureKind: 'NO_SPACE',
    };
    const full = settle({ ...OFFERED, refusals: 19 }, refusal);
    assert.deepEqual([full.jobState, full.jobEnding, full.charge], ['PENDING', 'WITHDRAWN', 'DISPATCH']);
    assert.equal(settle(OFFERED, { ...refusal, uncharged: true }).charge, null);
    assert.equal(
      settle({ ...OFFERED, refusals: 19 }, { ...refusal, failureKind: 'BUSY' }).jobState,
      'REJECTED',
    );
  });

  it('makes allowed transitions only, ends the node with the job, and waits only with a job that waits', () => {
    fc.assert(
      fc.property(anyFacts, anyEnding, (facts, ending) => {
        const verdict = judgeEnding(facts, ending);
        if (verdict.kind !== 'SETTLE') return;
        const { buildStatus, jobState, nodeState, requeueAfterMs } = verdict.settlement;
        assert.ok(buildStates.allows(facts.status, buildStatus));
        assert.equal(nodeState !== null, jobStates.isFinal(jobState));
        assert.equal(buildStates.isFinal(buildStatus), true);
        assert.ok(requeueAfterMs >= 0 && requeueAfterMs <= 300_000);
      }),
    );
  });
});

const anyFacts = fc.record({
  ...constants(RUNNING),
  status: fc.constantFrom(...Object.values(BuildStatus)),
  job_state: fc.constantFrom<JobState>('PROCESSING', 'RUNNING', 'CANCEL_PENDING', 'CANCEL_PROCESSING'),
  attempts: fc.integer({ min: 0, max: 3 }),
  refusals: fc.integer({ min: 0, max: 20 }),
  lease_session_id: fc.constantFrom('session', null),
  draining: fc.boolean(),
});

const anyEnding: fc.Arbitrary<Ending> = fc.record({
  buildId: fc.constant('build'),
  ending: fc.constantFrom(...Object.values(BuildEnding)),
  status: fc.constantFrom(...Object.values(BuildStatus).filter((status) => buildStates.isFinal(status))),
  failureKind: fc.constantFrom('NO_SPACE', 'BUSY', null),
  uncharged: fc.boolean(),
});

/** An arbitrary for each field that always gives what the example has. */
function constants(example: BuildFacts): { [K in keyof BuildFacts]: fc.Arbitrary<BuildFacts[K]> } {
  return Object.fromEntries(Object.entries(example).map(([key, value]) => [key, fc.constant(value)])) as {
    [K in keyof BuildFacts]: fc.Arbitrary<BuildFacts[K]>;
  };
}

function settle(facts: BuildFacts, ending: Ending): Settlement {
  const verdict = judgeEnding(facts, ending);
  assert.equal(verdict.kind, 'SETTLE');
  return verdict.settlement;
}
