import assert from 'node:assert/strict';
import { groupIdOf } from '../../src/planner/group-id.js';

describe('groupIdOf', () => {
  const group = { changeId: 'c', projectId: 'p', target: 't' };

  it('is the same whoever asks, and a UUID', () => {
    assert.equal(groupIdOf(group), groupIdOf({ ...group }));
    assert.match(groupIdOf(group), /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('is another one for another change, project or target', () => {
    const others = [{ changeId: 'd' }, { projectId: 'q' }, { target: 'u' }].map((other) => ({
      ...group,
      ...other,
    }));
    assert.equal(new Set([group, ...others].map(groupIdOf)).size, 4);
  });
});
