import assert from 'node:assert/strict';
import { notFound, ValidationError } from '../../src/base/errors.js';

describe('an error about a long value', () => {
  const long = `${'x'.repeat(76)}😀${'x'.repeat(1000)}`;

  it('shows its beginning and no half of a character', () => {
    const { message, problems } = ValidationError.of('field', long, 'less');
    assert.ok(message.isWellFormed());
    assert.equal(problems[0]?.value, `${'x'.repeat(76)}\uFFFD...`);
  });

  it('does not carry all of it in its details either', () => {
    assert.equal(String(notFound('job', long).details['reference']).length, 80);
  });
});
