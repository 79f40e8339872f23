import assert from 'node:assert/strict';
import { DomainError, ErrorCode, notFound, ValidationError } from '../../src/base/errors.js';
import { CliError } from '../../src/cli/cli-error.js';
import { apiErrorOf } from '../../src/cli/client/api-error.js';
import { describeError } from '../../src/cli/describe-error.js';
import { exitCodeOf } from '../../src/cli/exit-codes.js';

describe('exitCodeOf', () => {
  it('tells scripts apart what they may act on', () => {
    assert.equal(exitCodeOf(new CliError('UNREACHABLE', '')), 6);
    assert.equal(exitCodeOf(new CliError('TIMED_OUT', '')), 124);
    assert.equal(exitCodeOf(notFound('repo', 'a/b')), 3);
    assert.equal(exitCodeOf(ValidationError.of('a', 'b', 'c')), 2);
    assert.equal(exitCodeOf(new DomainError(ErrorCode.FORBIDDEN, '')), 4);
    assert.equal(exitCodeOf(new DomainError(ErrorCode.ALREADY_FINAL, '')), 5);
    assert.equal(exitCodeOf(new TypeError('a defect')), 1);
  });

  it('has a number for every code of the API', () => {
    for (const code of Object.values(ErrorCode)) {
      const exit = exitCodeOf(apiErrorOf([{ message: 'x', extensions: { code } }], undefined));
      assert([1, 2, 3, 4, 5, 6].includes(exit), code);
    }
  });
});

describe('describeError', () => {
  it('says what, why and what next', () => {
    const cause = new Error('connect ECONNREFUSED');
    const error = new CliError('UNREACHABLE', 'no answer', { cause, next: 'start it' });
    assert.equal(describeError(error), 'slipway: no answer\n  why: connect ECONNREFUSED\n  next: start it\n');
  });

  it('names the request, and lets no control character of a server through', () => {
    const error = apiErrorOf([{ message: 'bad \u001B[2Jthing', extensions: { code: 'CONFLICT' } }], 'req-7');
    assert.equal(describeError(error), 'slipway: bad \uFFFD[2Jthing\n  request id: req-7\n');
  });

  it('takes an answer that is not as it should be', () => {
    const error = apiErrorOf([{ message: 7, extensions: { code: 'WHAT' } }, {}], undefined);
    assert.equal(describeError(error), 'slipway: no message\nslipway: no message\n');
    assert.equal(exitCodeOf(error), 1);
  });
});
