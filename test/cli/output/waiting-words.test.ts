import assert from 'node:assert/strict';
import { waitingSentence } from '../../../src/cli/output/waiting-words.js';

describe('waitingSentence', () => {
  it('says why, and how many are served before', () => {
    const waiting = { reason: 'REPO_LIMIT', ahead: 3, until: null };
    assert.equal(waitingSentence(waiting), 'its repo has as many builds at once as it may; 3 ahead of it');
    assert.match(waitingSentence({ ...waiting, ahead: 0 }), /; nobody ahead of it$/);
    assert.match(waitingSentence({ ...waiting, ahead: 1_000 }), /; 1000 or more ahead of it$/);
  });

  it('says for how long, where that is known, and nothing of a place that there is not', () => {
    const until = new Date(Date.now() + 90_500).toISOString();
    const waiting = { reason: 'BACKOFF', ahead: null, until };
    assert.match(waitingSentence(waiting), /after a failure, for 1 min$/);
  });
});
