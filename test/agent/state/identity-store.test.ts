import assert from 'node:assert/strict';
import { chmod, mkdir, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { IdentityStore } from '../../../src/agent/state/identity-store.js';
import type { Registration } from '../../../src/agent/state/registration.js';
import { openStateDir } from '../../../src/agent/state/state-dir.js';
import { generateKeyPair } from '../../../src/protocol/identity.js';
import { signKeySet } from '../../../src/protocol/key-set.js';
import { useScratch } from '../support/scratch.js';

describe('IdentityStore', () => {
  const scratch = useScratch();
  let dir: string;

  beforeEach(async () => {
    dir = await openStateDir(join(scratch.path, 'state'));
  });

  it('makes a key that nobody else may read, and the same one is there next time', async () => {
    const { identity } = await IdentityStore.open(dir);
    assert.equal((await stat(dir)).mode & 0o777, 0o700);
    assert.equal((await stat(join(dir, 'identity.key'))).mode & 0o777, 0o600);
    assert.equal((await IdentityStore.open(dir)).identity.publicKey, identity.publicKey);
    assert.deepEqual(await readdir(dir), ['identity.key']);
  });

  it('keeps a registration across restarts, in a file of its own mode', async () => {
    const registration = makeRegistration();
    await (await IdentityStore.open(dir)).save(registration);
    assert.deepEqual((await IdentityStore.open(dir)).registration, registration);
    assert.equal((await stat(join(dir, 'worker.json'))).mode & 0o777, 0o600);
  });

  it('refuses a state directory that others may enter', async () => {
    await chmod(dir, 0o750);
    await assert.rejects(openStateDir(dir), /has mode 750; expected mode 700/);
  });

  it('refuses a state directory that is a link to one', async () => {
    await symlink(dir, join(scratch.path, 'link'));
    await assert.rejects(openStateDir(join(scratch.path, 'link')), /is no directory/);
  });

  it('refuses a key that others may read', async () => {
    await IdentityStore.open(dir);
    await chmod(join(dir, 'identity.key'), 0o644);
    await assert.rejects(IdentityStore.open(dir), /identity\.key has mode 644; expected mode 600/);
  });

  it('refuses a broken key without repeating it', async () => {
    await writeFile(join(dir, 'identity.key'), 'SECRET-BYTES', { mode: 0o600 });
    await assert.rejects(IdentityStore.open(dir), (error: Error) => {
      assert.match(error.message, /holds no Ed25519 key/);
      assert.doesNotMatch(error.message, /SECRET/);
      return true;
    });
  });

  it('refuses a broken registration instead of forgetting who it is', async () => {
    await IdentityStore.open(dir);
    for (const text of ['', '{', 'null', JSON.stringify({ ...makeRegistration(), version: 2 })]) {
      await writeFile(join(dir, 'worker.json'), text, { mode: 0o600 });
      await assert.rejects(IdentityStore.open(dir), /worker\.json is broken/);
    }
  });

  it('does not make a new key for a worker whose key is gone', async () => {
    await (await IdentityStore.open(dir)).save(makeRegistration());
    await rm(join(dir, 'identity.key'));
    await assert.rejects(
      IdentityStore.open(dir),
      /identity\.key is missing, although the worker is registered/,
    );
  });

  it('refuses something that is no file in the place of one', async () => {
    await mkdir(join(dir, 'identity.key'));
    await assert.rejects(IdentityStore.open(dir), /is no file/);
  });
});

function makeRegistration(): Registration {
  const root = generateKeyPair();
  return {
    workerId: '00000000-0000-4000-8000-000000000009',
    rootKey: root.publicKey,
    serverOrigin: 'https://ci.example.org',
    keySet: signKeySet({ version: 3, keys: [] }, root.privateKey),
    lastEpoch: 7,
  };
}
