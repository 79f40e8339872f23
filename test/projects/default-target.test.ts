import assert from 'node:assert/strict';
import { defaultTarget, targetOf } from '../../src/projects/index.js';
import { testDatabase } from '../support/database.js';

describe('the default target', () => {
  const database = testDatabase();

  it('is named after the machine', () => {
    assert.equal(targetOf({ arch: 'x64', platform: 'linux' }), 'x86_64-linux');
    assert.equal(targetOf({ arch: 'arm64', platform: 'darwin' }), 'aarch64-darwin');
    assert.equal(targetOf({ arch: 'riscv64', platform: 'linux' }), 'riscv64-linux');
  });

  it('stays what the first server said, whatever machine asks later', async () => {
    assert.equal(await defaultTarget(database.pool, { arch: 'x64', platform: 'linux' }), 'x86_64-linux');
    assert.equal(await defaultTarget(database.pool, { arch: 'arm64', platform: 'darwin' }), 'x86_64-linux');
  });

  it('says so when the setting is no text', async () => {
    await database.query(`update settings set value = '17' where key = 'default_target'`);
    await assert.rejects(defaultTarget(database.pool), /setting default_target is 17, expected a text/);
  });
});
