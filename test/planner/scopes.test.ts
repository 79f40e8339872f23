import assert from 'node:assert/strict';
import { defaultScope } from '../../src/planner/scopes.js';

describe('defaultScope', () => {
  const facts = { event: 'push', branch: 'main', defaultBranch: 'main', trusted: true };

  it('is full for a push to the default branch alone', () => {
    assert.equal(defaultScope(facts), 'full');
    assert.equal(defaultScope({ ...facts, branch: 'feature' }), 'package_only');
    assert.equal(defaultScope({ ...facts, branch: null }), 'package_only');
  });

  it('is what depends on it for an upload', () => {
    assert.equal(defaultScope({ ...facts, event: 'upload', branch: null }), 'deps_only');
  });

  for (const event of ['pull_request', 'tag', 'deployment', 'schedule', 'comment', 'manual', 'api']) {
    it(`is the root alone for ${event}`, () => {
      assert.equal(defaultScope({ ...facts, event }), 'package_only');
    });
  }

  it('never reaches other origins for what comes from outside', () => {
    for (const event of ['push', 'upload']) {
      assert.equal(defaultScope({ ...facts, event, trusted: false }), 'origin_only');
    }
    assert.equal(defaultScope({ ...facts, event: 'pull_request', trusted: false }), 'package_only');
  });
});
