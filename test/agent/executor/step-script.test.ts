import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { quoteForShell, stepArgv, stepScript } from '../../../src/agent/executor/step-script.js';

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
    const { stdout } = await run('/bin/sh', [
      '-e',
      '-c',
      stepScript({ commands: ['if true; then\n  echo yes\nfi'] }),
    ]);
    assert.equal(stdout, '$ if true; then\n>   echo yes\n> fi\nyes\n');
  });

  it('leaves the commands of an entrypoint as they are: no shell need read them', () => {
    assert.equal(
      stepScript({ entrypoint: ['python3'], commands: ['a = 1', 'print(a)'] }),
      'a = 1\nprint(a)\n',
    );
  });
});

describe('stepArgv', () => {
  const started = async (entrypoint: readonly string[], commands: readonly string[] = []) => {
    const [program, ...words] = stepArgv({ entrypoint, commands }, '/the/script');
    return (await run(program, words)).stdout;
  };

  it('starts an entrypoint with its words as they are, the script last', async () => {
    assert.equal(await started(['printf', '%s|', '$HOME', '-x']), '$HOME|-x|');
    assert.equal(await started(['printf', '%s|'], ['true']), '/the/script|');
  });

  it('takes an empty entrypoint for none', () => {
    assert.deepEqual(stepArgv({ entrypoint: [], commands: ['true'] }, 's'), ['/bin/sh', '-e', 's']);
  });

  it('makes an entrypoint that does not exist a failure of the step', async () => {
    await assert.rejects(started(['no-such-program']), { code: 127 });
  });
});
