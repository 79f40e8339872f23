import assert from 'node:assert/strict';
import { readableLine } from '../../src/up/log-line.js';

describe('readableLine', () => {
  it('says who, how bad, what and the facts', () => {
    const line = JSON.stringify({
      level: 40,
      time: 'x',
      name: 'server',
      job: 7,
      err: { message: 'no', stack: 's' },
      msg: 'late',
    });
    assert.equal(readableLine('server', line), 'server  | warn  late job=7 err="no"');
  });

  it('keeps what is no log line, and lets no control character through', () => {
    assert.equal(readableLine('worker', 'plain \u001B[2J'), 'worker  | plain \uFFFD[2J');
    assert.equal(readableLine('worker', '{ not json'), 'worker  | { not json');
    assert.equal(readableLine('worker', '{}'), 'worker  | info');
  });
});
