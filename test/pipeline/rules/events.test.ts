import assert from 'node:assert/strict';
import { eventNames, knownEventNames } from '../../../src/pipeline/rules/events.js';

describe('names of an event', () => {
  const cases: readonly [string, string | undefined, readonly string[]][] = [
    ['push', undefined, ['push']],
    ['pull_request', undefined, ['pull_request']],
    ['pull_request', 'opened', ['pull_request', 'pull_request:opened']],
    ['pull_request', 'synchronize', ['pull_request', 'pull_request:synchronize']],
    ['pull_request', 'reopened', ['pull_request', 'pull_request:reopened']],
    ['pull_request', 'edited', ['pull_request:edited']],
    ['pull_request', 'labeled', ['pull_request:labeled']],
    ['pull_request', 'unlabeled', ['pull_request:unlabeled']],
    ['pull_request:edited', undefined, ['pull_request:edited']],
    ['pull_request', 'closed', ['pull_request:closed']],
    ['merge_group', 'destroyed', ['merge_group:destroyed']],
    ['push', 'forced', ['push', 'push:forced']],
    ['delete', 'branch', ['delete', 'delete:branch']],
    ['delete', 'tag', ['delete', 'delete:tag']],
    ['comment', 'created', ['comment', 'comment:created']],
    ['schedule', '', ['schedule']],
    ['__proto__', 'x', ['__proto__', '__proto__:x']],
  ];
  for (const [event, action, names] of cases) {
    it(`${event} ${action ?? 'without an action'} is ${names.join(' and ')}`, () => {
      assert.deepEqual(eventNames(event, action), names);
    });
  }

  it('are all known to rulesets', () => {
    for (const name of ['merge_group', 'upload', 'manual', 'tag', 'deployment', 'api', 'delete:tag']) {
      assert.ok(knownEventNames.includes(name), name);
    }
  });
});
