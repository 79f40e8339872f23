import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { skipBecause } from '../../support/skip.js';
import { useScratch } from '../support/scratch.js';

/** Beyond those that Node itself closes to its children when it starts. */
const LEAKED = 40;

describe('descriptorStandIns', () => {
  const scratch = useScratch();

  it('keeps what somebody left open in the agent away from its children', function () {
    if (process.platform !== 'linux') skipBecause('needs /proc', this);
    const path = join(scratch.path, 'leaked');
    writeFileSync(path, '');
    const leaked = openSync(path, 'r');
    const fill = Array.from({ length: LEAKED - 3 }, () => 'ignore' as const);
    const list = (standIns: string): string => {
      const program = `
        import { spawnSync } from 'node:child_process';
        const { descriptorStandIns } = await import(process.argv[1]);
        spawnSync('/bin/ls', ['-l', '/proc/self/fd'], { stdio: ['ignore', 'inherit', 'inherit', ${standIns}] });`;
      const module = new URL('../../../src/agent/executor/inherited-descriptors.js', import.meta.url).href;
      const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program, module], {
        stdio: ['ignore', 'pipe', 'inherit', ...fill, leaked],
        encoding: 'utf8',
      });
      return stdout;
    };
    assert.match(list(''), new RegExp(` ${LEAKED} -> ${path}`), 'the test leaks nothing');
    assert.doesNotMatch(list('...descriptorStandIns()'), new RegExp(path));
    closeSync(leaked);
  });
});
