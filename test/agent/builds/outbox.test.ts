import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { deferred } from '../../../src/base/deferred.js';
import { DomainError, ErrorCode } from '../../../src/base/errors.js';
import { Outbox } from '../../../src/agent/builds/outbox.js';
import type { ItemAnswer } from '../../../src/protocol/messages.js';

interface Item {
  readonly buildId: string;
  readonly value: string;
}

function ok({ buildId, value }: Item): ItemAnswer {
  return { buildId, outcome: 'OK', status: null, message: value };
}

describe('Outbox', () => {
  it('sends what waits while a call is under way together, in order', async () => {
    const calls: string[][] = [];
    const gate = deferred<void>();
    const outbox = new Outbox<Item>(async (items) => {
      const batch = items() ?? [];
      calls.push(batch.map(({ value }) => value));
      await gate.promise;
      return batch.map(ok);
    });
    const answers = ['a', 'b', 'c'].map((value) => outbox.send({ buildId: 'one', value }));
    gate.resolve();
    assert.deepEqual(
      (await Promise.all(answers)).map(({ message }) => message),
      ['a', 'b', 'c'],
    );
    assert.deepEqual(calls, [['a'], ['b', 'c']]);
  });

  it('sends an unanswered item again before anything newer', async () => {
    const calls: string[][] = [];
    const lost = deferred<void>();
    const outbox = new Outbox<Item>(async (items) => {
      calls.push((items() ?? []).map(({ value }) => value));
      if (calls.length === 1) await lost.promise; // The session is lost here; the uplink asks for the items again.
      const again = items() ?? [];
      calls.push(again.map(({ value }) => value));
      return again.map(ok);
    });
    const first = outbox.send({ buildId: 'one', value: 'first' });
    const second = outbox.send({ buildId: 'one', value: 'second' });
    lost.resolve();
    await Promise.all([first, second]);
    assert.deepEqual(calls, [['first'], ['first', 'second']]);
  });

  it('refuses one bad item alone when a list is refused as a whole', async () => {
    const gate = deferred<void>();
    const outbox = new Outbox<Item>(async (items) => {
      const batch = items() ?? [];
      await gate.promise;
      if (batch.some(({ value }) => value === 'bad')) {
        throw new DomainError(ErrorCode.VALIDATION_FAILED, 'value: got "bad", expected a good one');
      }
      return batch.map(ok);
    });
    const answers = ['x', 'good', 'bad', 'fine'].map((value) => outbox.send({ buildId: value, value }));
    gate.resolve();
    assert.deepEqual(
      (await Promise.all(answers)).map(({ outcome }) => outcome),
      ['OK', 'OK', 'INVALID', 'OK'],
    );
  });

  it('says nothing more of a build that is forgotten', async () => {
    const sent: string[] = [];
    const gate = deferred<void>();
    const outbox = new Outbox<Item>(async (items) => {
      await gate.promise;
      const batch = items();
      if (batch === null) return null;
      sent.push(...batch.map(({ value }) => value));
      return batch.map(ok);
    });
    const gone = outbox.send({ buildId: 'gone', value: 'gone' });
    const kept = outbox.send({ buildId: 'kept', value: 'kept' });
    await setImmediate();
    outbox.forget('gone');
    gate.resolve();
    assert.equal((await gone).outcome, 'STALE_BUILD');
    assert.equal((await kept).outcome, 'OK');
    assert.deepEqual(sent, ['kept']);
  });
});
