import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { jobStates, BuildEnding, stateAfter, type JobState } from '../../src/jobs/jobs.state.js';
import { stateMachinesPage } from './state-machines-page.js';

describe('docs/state-machines.md', () => {
  it('is what the transition tables say (npm run emit:docs writes it)', async () => {
    const isCurrent = readFileSync('docs/state-machines.md', 'utf8') === (await stateMachinesPage());
    assert.ok(isCurrent, 'docs/state-machines.md is out of date: npm run emit:docs');
  });

  it('shows the machines that the database guards', async () => {
    const page = await stateMachinesPage();
    for (const title of ['Builds', 'Changes', 'Group projects', 'Groups', 'Jobs', 'Worker sessions']) {
      assert.match(page, new RegExp(`^## ${title}$`, 'm'));
    }
  });

  it('ends a job whose cancel was requested as canceled, whatever its build reports', () => {
    const spent = { attempts: 3, maxAttempts: 3, refusals: 20, maxRefusals: 20 };
    for (const state of ['CANCEL_PENDING', 'CANCEL_PROCESSING'] satisfies JobState[]) {
      for (const ending of Object.values(BuildEnding)) {
        assert.equal(stateAfter(state, ending, spent), 'CANCEL_COMPLETE');
        assert.ok(jobStates.allows(state, 'CANCEL_COMPLETE'));
      }
    }
  });
});
