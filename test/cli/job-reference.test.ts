import assert from 'node:assert/strict';
import fc from 'fast-check';
import { CliError } from '../../src/cli/cli-error.js';
import { parseJobReference } from '../../src/cli/job-reference.js';
import { parseDurationMs } from '../../src/cli/parse-values.js';

describe('parseJobReference', () => {
  it('takes a number, a number with its repo, and an id', () => {
    assert.deepEqual(parseJobReference('17'), { kind: 'NUMBER', number: 17, repo: undefined });
    assert.deepEqual(parseJobReference('#17', 'a/b'), { kind: 'NUMBER', number: 17, repo: 'a/b' });
    assert.deepEqual(parseJobReference('acme/site#17'), { kind: 'NUMBER', number: 17, repo: 'acme/site' });
    const id = '0f8fad5b-d9cb-469f-a165-70867728950e';
    assert.deepEqual(parseJobReference(id), { kind: 'ID', id });
  });

  it('refuses what only looks like one', () => {
    for (const text of [
      '',
      '0',
      '017x',
      '-1',
      'acme/site',
      'acme/site17',
      'site#1',
      'a/b#0',
      '99999999999',
    ]) {
      assert.throws(() => parseJobReference(text), CliError, text);
    }
  });

  it('takes or refuses any text, and never throws anything else', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          const reference = parseJobReference(text);
          assert(reference.kind === 'ID' || reference.number > 0);
        } catch (error) {
          assert(error instanceof CliError);
        }
      }),
    );
  });
});

describe('parseDurationMs', () => {
  it('adds up what has units, and takes a bare number as seconds', () => {
    assert.equal(parseDurationMs('90'), 90_000);
    assert.equal(parseDurationMs('1h30m'), 5_400_000);
    assert.equal(parseDurationMs('250ms'), 250);
    assert.throws(() => parseDurationMs('1h 30m'));
    assert.throws(() => parseDurationMs('m'));
  });
});
