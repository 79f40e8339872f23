import assert from 'node:assert/strict';
import { ANONYMOUS, can, SYSTEM, type Action, type Principal } from '../../src/accounts/index.js';

const withScope = (scope: string): Principal => ({ kind: 'API_TOKEN', id: 'x', name: 'x', scopes: [scope] });

const READS: Action[] = ['schema.read', 'repo.read', 'change.read', 'job.read', 'log.read', 'worker.read'];
const WRITES: Action[] = ['change.create', 'job.cancel', 'job.rebuild'];
const ADMINISTERS: Action[] = ['repo.add', 'worker.update', 'enrolment.create'];
const ALL = [...READS, ...WRITES, ...ADMINISTERS];

const ALLOWED: [who: string, principal: Principal, actions: Action[]][] = [
  ['an anonymous caller', ANONYMOUS, []],
  ['a token without a known scope', withScope('other'), []],
  ['a token that reads', withScope('read'), READS],
  ['a token that writes', withScope('write'), [...READS, ...WRITES]],
  ["an administrator's token", withScope('admin'), ALL],
  ['the system', SYSTEM, [...ALL, 'worker.operate']],
];

describe('can', () => {
  for (const [who, principal, actions] of ALLOWED) {
    it(`lets ${who} do exactly ${actions.length} things`, () => {
      const allowed = [...ALL, 'worker.operate' as const].filter((action) => can(principal, action));
      assert.deepEqual(allowed, actions);
    });
  }

  it('lets a worker operate itself only', () => {
    const worker: Principal = { kind: 'WORKER', workerId: 'w', sessionId: 's' };
    assert.ok(can(worker, 'worker.operate', { workerId: 'w' }));
    assert.ok(!can(worker, 'worker.operate', { workerId: 'v' }));
    assert.deepEqual(
      ALL.filter((action) => can(worker, action, { workerId: 'w' })),
      [],
    );
  });
});
