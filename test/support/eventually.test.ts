import assert from 'node:assert/strict';
import { eventually } from './eventually.js';

describe('eventually', () => {
  it('gives the first value that is neither false nor undefined, 0 and null included', async () => {
    const values = [false, undefined, 0];
    assert.equal(await eventually(() => values.shift()), 0);
    assert.equal(await eventually(() => null), null);
  });

  it('takes a failing check for "not yet", and tells its last failure when time is up', async () => {
    let calls = 0;
    const check = (): boolean => {
      calls += 1;
      throw new Error(`call ${calls}`);
    };
    await assert.rejects(
      eventually(check, { guardMs: 30, what: 'a row' }),
      /not within 30 ms: a row \(call \d+\)/,
    );
    assert.ok(calls > 1);
  });
});
