import assert from 'node:assert/strict';
import { momentOf } from '../../../src/agent/session/moment.js';
import { fenceMargins, SelfFence } from '../../../src/agent/session/self-fence.js';
import { ManualClock } from '../support/manual-clock.js';

const LEASE_MS = 60_000;

describe('SelfFence', () => {
  let clock: ManualClock;
  let fence: SelfFence;
  let stops: number[];

  beforeEach(() => {
    clock = new ManualClock();
    stops = [];
    fence = new SelfFence(clock, (graceMs) => stops.push(graceMs));
  });

  it('stops nothing before there was a session', () => {
    clock.advance(10 * LEASE_MS);
    fence.runOnce();
    assert.deepEqual(stops, []);
  });

  it('asks builds to end 15 s before the lease does, and wants them dead 5 s before', () => {
    fence.renew(momentOf(clock), LEASE_MS);
    clock.advance(44_999);
    fence.runOnce();
    assert.deepEqual(stops, []);
    clock.advance(1);
    fence.runOnce();
    assert.deepEqual(stops, [10_000]);
    clock.advance(10_000);
    fence.runOnce();
    assert.deepEqual(stops, [10_000, 0]);
  });

  it('counts from the time at which the answered heartbeat was sent, not from its answer', () => {
    const sentAt = momentOf(clock);
    clock.advance(30_000);
    fence.renew(sentAt, LEASE_MS);
    assert.equal(fence.remainingMs, 30_000);
  });

  it('takes no notice of an older answer that comes late', () => {
    const older = momentOf(clock);
    clock.advance(10_000);
    fence.renew(momentOf(clock), LEASE_MS);
    fence.renew(older, LEASE_MS);
    assert.equal(fence.remainingMs, LEASE_MS);
  });

  it('believes the wall clock when the machine slept', () => {
    fence.renew(momentOf(clock), LEASE_MS);
    clock.suspend(50_000);
    fence.runOnce();
    assert.deepEqual(stops, [5_000]);
  });

  it('believes the monotonic clock when the wall clock was set back', () => {
    fence.renew(momentOf(clock), LEASE_MS);
    clock.setWallBack(3_600_000);
    clock.advance(50_000);
    fence.runOnce();
    assert.deepEqual(stops, [5_000]);
  });

  it('has margins in proportion for a short lease', () => {
    assert.deepEqual(fenceMargins(6_000), { stopBeforeMs: 1_500, killBeforeMs: 500 });
    assert.deepEqual(fenceMargins(LEASE_MS), { stopBeforeMs: 15_000, killBeforeMs: 5_000 });
  });

  it('looks again in time for the next threshold', () => {
    fence.renew(momentOf(clock), LEASE_MS);
    clock.advance(44_700);
    assert.equal(fence.runOnce(), 300);
  });
});
