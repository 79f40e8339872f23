import assert from 'node:assert/strict';
import fc from 'fast-check';
import { afterClose, type AfterClose } from '../../../src/agent/session/reconnect.js';
import { CloseCode } from '../../../src/protocol/close-codes.js';

const LEASE_MS = 60_000;
const latest = (): number => 1 - Number.EPSILON;

describe('afterClose', () => {
  it('stops a revoked worker for good', () => {
    const end = { closeCode: CloseCode.REVOKED, failures: 0, leaseMs: LEASE_MS };
    assert.deepEqual(afterClose(end), { kind: 'STOP' });
  });

  it('waits longer with each failure, up to 15 seconds', () => {
    const waits = [0, 1, 2, 3, 4, 5, 40].map((failures) => waitMs({ failures, leaseMs: null }));
    assert.deepEqual(waits, [500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
  });

  it('tries at least six times within a lease, however many failures there were and whatever the dice say', () => {
    const anyEnd = fc.record({
      closeCode: fc.constantFrom(null, 1006, CloseCode.SUPERSEDED, CloseCode.SERVER_DRAINING),
      failures: fc.integer({ min: 1, max: 1_000 }),
      leaseMs: fc.integer({ min: 1_000, max: 3_600_000 }),
    });
    fc.assert(
      fc.property(anyEnd, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (end, dice) => {
        const next = afterClose(end, () => dice);
        assert.ok(next.kind === 'RETRY' && next.afterMs >= 0 && next.afterMs <= end.leaseMs / 6);
      }),
    );
  });

  it('spreads the workers of a draining server over a third of their lease, at most 15 seconds', () => {
    const draining = { closeCode: CloseCode.SERVER_DRAINING, failures: 0 };
    assert.equal(waitMs({ ...draining, leaseMs: 12_000 }), 4_000);
    assert.equal(waitMs({ ...draining, leaseMs: 3_600_000 }), 15_000);
  });
});

/** The longest wait that the dice can give. */
function waitMs(end: { closeCode?: number | null; failures: number; leaseMs: number | null }): number {
  const next: AfterClose = afterClose({ closeCode: null, ...end }, latest);
  return next.kind === 'RETRY' ? Math.round(next.afterMs) : NaN;
}
