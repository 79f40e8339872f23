import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { quoteForShell, stepScript } from '../../../src/agent/executor/step-script.js';

const run = promisify(execFile);

describe('quoteForShell', () => {
  it('makes one word of any text', async () => {
    const text = fc.string({ unit: 'binary', maxLength: 40 }).filter((value) => !value.includes('\0'));
    await fc.assert(
      fc.asyncProperty(text, async (value) => {
        const { stdout } = await run('/bin/sh', ['-c', `printf %s ${quoteForShell(value)}`]);
        assert.equal(stdout, value);
      }),
      { numRuns: 30 },
    );
  });
});

describe('stepScript', () => {
  it('traces every line of a command that has several', async () => {
    const { stdout } = await run('/bin/sh', ['-e', '-c', stepScript(['if true; then\n  echo yes\nfi'])]);
    assert.equal(stdout, '$ if true; then\n>   echo yes\n> fi\nyes\n');
  });
});
