import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { isCommitId, isFullRef, isNullCommit, isShortRef } from '../../src/repos/git-names.js';

const hostile = [
  '--upload-pack=id',
  '-x',
  'a b',
  'a..b',
  'a~1',
  'a^',
  'a:b',
  'a?',
  'a*',
  'a[b',
  'a\\b',
  'a@{1}',
  '@',
  'a.lock',
  'a/.b',
  'a//b',
  '/a',
  'a/',
  'a.',
  'a\nb',
  'a\0b',
  'a\ud800',
  'HEAD',
  '',
];

describe('git names', () => {
  for (const name of hostile) {
    it(`refuses ${JSON.stringify(name)} as a branch and as a ref`, () => {
      assert.equal(isShortRef(name), false);
      assert.equal(isFullRef(name), false);
    });
  }

  it('takes branches with slashes, dots and letters of any script', () => {
    for (const name of ['main', 'feature/a.b-c_d', 'größe', 'dependabot/npm/@types-1.2', '日本']) {
      assert.equal(isShortRef(name), true, name);
      assert.equal(isFullRef(`refs/heads/${name}`), true, name);
    }
  });

  it('takes full refs alone where a full ref is asked for', () => {
    assert.equal(isFullRef('refs/pull/12/head'), true);
    assert.equal(isFullRef('refs/stash'), false);
    assert.equal(isFullRef('heads/main'), false);
  });

  it('agrees with git about every name', function () {
    this.timeout(30_000);
    const piece = fc.constantFrom(
      'a',
      'Z',
      '.',
      '/',
      '..',
      '@',
      '{',
      '~',
      '-',
      '.lock',
      ' ',
      '\x7f',
      '[',
      'ü',
      '0',
    );
    const names = fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(names, (name) => {
        const ref = `refs/heads/${name}`;
        const oracle = spawnSync('git', ['check-ref-format', ref]).status === 0;
        assert.equal(isFullRef(ref), oracle, JSON.stringify(name));
      }),
      { numRuns: 300 },
    );
  });

  it('takes full commit ids in lower case alone', () => {
    assert.equal(isCommitId('0123456789abcdef0123456789abcdef01234567'), true);
    assert.equal(isCommitId('a'.repeat(64)), true);
    for (const id of ['A'.repeat(40), 'a'.repeat(39), 'a'.repeat(41), `${'a'.repeat(40)}\n`, 'HEAD']) {
      assert.equal(isCommitId(id), false, id);
    }
    assert.equal(isNullCommit('0'.repeat(40)), true);
    assert.equal(isNullCommit('a'.repeat(40)), false);
  });
});
