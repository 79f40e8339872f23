import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { DomainError } from '../../src/base/errors.js';
import { acceptKeySet, verifyByKeySet } from '../../src/protocol/key-set.js';
import { KeyPurpose, type KeySetDocument } from '../../src/protocol/messages.js';
import { masterKeysOf } from '../../src/tokens/master-keys.js';
import { loadServerKeys, type ServerKeys } from '../../src/tokens/server-keys.js';
import { findKeySet, replaceKeySet } from '../../src/tokens/signing-keys.queries.js';
import { advance, testDatabase } from '../support/database.js';

const master = masterKeysOf(randomBytes(32));

describe('loadServerKeys', () => {
  const database = testDatabase();

  beforeEach('start without keys', async () => {
    await database.query('truncate signing_keys, settings');
    await database.query(`update public.test_clock set offset_interval = '0'`);
  });

  it('makes one key per purpose and a set that the root key signed', async () => {
    const document = documentOf(await loadServerKeys(database.pool, master));
    assert.equal(document.version, 1);
    assert.deepEqual(
      document.keys.map(({ purpose }) => purpose).sort(),
      Object.values(KeyPurpose).toSorted(),
    );
  });

  it('loads the same keys again', async () => {
    const first = await loadServerKeys(database.pool, master);
    const second = await loadServerKeys(database.pool, master);
    assert.deepEqual(publicPartOf(second), publicPartOf(first));
    assert.deepEqual(second.challengeKey, first.challengeKey);
  });

  it('gives the same keys to servers that start together', async () => {
    const servers = await Promise.all(Array.from({ length: 8 }, () => loadServerKeys(database.pool, master)));
    for (const server of servers) assert.deepEqual(publicPartOf(server), publicPartOf(servers[0]!));
    const rows = await database.query('select kid from signing_keys');
    assert.equal(rows.length, 5);
  });

  it('signs offers and sessions by keys of the set, each for its purpose only', async () => {
    const keys = await loadServerKeys(database.pool, master);
    const bytes = Buffer.from('a frame');
    const check = (purpose: KeyPurpose): string => {
      const signed = keys.signOffer(bytes);
      return verifyByKeySet(documentOf(keys), { ...signed, bytes, purpose, nowMs: Date.now() });
    };
    assert.equal(check(KeyPurpose.OFFER), 'VERIFIED');
    assert.equal(check(KeyPurpose.SESSION), 'WRONG_PURPOSE');
    const statement = { ...keys.signSession(bytes), bytes, purpose: KeyPurpose.SESSION, nowMs: Date.now() };
    assert.equal(verifyByKeySet(documentOf(keys), statement), 'VERIFIED');
  });

  it('makes successors before keys end and keeps the old ones for verifying', async () => {
    const before = await loadServerKeys(database.pool, master);
    await advance(database, '340 days');
    const after = await loadServerKeys(database.pool, master);
    assert.equal(after.rootKey, before.rootKey);
    const document = documentOf(after);
    assert.equal(document.version, 2);
    assert.equal(document.keys.length, 8);
    assert.notEqual(after.buildTokenKey.kid, before.buildTokenKey.kid);
    assert.ok(after.tokenKeys.has(before.buildTokenKey.kid));
    const worker = acceptKeySet(documentOf(before), after.keySet, before.rootKey);
    assert.equal(worker.outcome, 'accepted');
  });

  it('keeps the root key, which workers have pinned, to its very end', async () => {
    const before = await loadServerKeys(database.pool, master);
    await advance(database, '7290 days');
    assert.equal((await loadServerKeys(database.pool, master)).rootKey, before.rootKey);
  });

  it('drops keys that have ended from the set', async () => {
    const before = await loadServerKeys(database.pool, master);
    await database.query(`update signing_keys set not_after = slipway_now(), retired_at = slipway_now()
      where purpose = 'build-token'`);
    const after = await loadServerKeys(database.pool, master);
    assert.ok(!after.tokenKeys.has(before.buildTokenKey.kid));
    assert.equal(documentOf(after).version, 2);
  });

  it('raises the version once when servers notice a change together', async () => {
    await loadServerKeys(database.pool, master);
    await advance(database, '340 days');
    const servers = await Promise.all(Array.from({ length: 6 }, () => loadServerKeys(database.pool, master)));
    const [stored] = await database.query<{ value: { version: number; document: string } }>(
      `select value from settings where key = 'key_set'`,
    );
    const latest = servers.filter(({ keySet }) => keySet.document === stored!.value.document);
    assert.ok(latest.length > 0);
    const again = await loadServerKeys(database.pool, master);
    assert.equal(documentOf(again).version, stored!.value.version);
  });

  it('does not replace a set that another server has replaced meanwhile', async () => {
    const set = (version: number) => ({ version, document: '{}', signature: '' });
    assert.equal(await replaceKeySet(database.pool, set(1), 0), true);
    assert.equal(await replaceKeySet(database.pool, set(2), 1), true);
    assert.equal(await replaceKeySet(database.pool, set(2), 1), false);
    assert.equal(await replaceKeySet(database.pool, set(1), 0), false);
    assert.equal((await findKeySet(database.pool))?.version, 2);
  });

  it('publishes a set of its own instead of one that the root key did not sign', async () => {
    const before = await loadServerKeys(database.pool, master);
    await database.query(`update settings set value = jsonb_set(value, '{signature}', '"AAAA"')`);
    const after = await loadServerKeys(database.pool, master);
    assert.equal(documentOf(after).version, documentOf(before).version + 1);
  });

  it('says so when another master key sealed the keys', async () => {
    await loadServerKeys(database.pool, master);
    const other = masterKeysOf(randomBytes(32));
    await assert.rejects(loadServerKeys(database.pool, other), (error: unknown) => {
      assert.ok(error instanceof DomainError);
      assert.match(error.message, /sealed by master key [0-9a-f]{16}, this server has [0-9a-f]{16}/);
      return true;
    });
  });

  it('keeps no secret half in the clear', async () => {
    await loadServerKeys(database.pool, master);
    const rows = await database.query<{ secret_enveloped: Buffer }>(
      'select secret_enveloped from signing_keys',
    );
    const pkcs8Prefix = Buffer.from('302e020100300506032b6570', 'hex');
    for (const row of rows) assert.ok(!row.secret_enveloped.includes(pkcs8Prefix));
  });
});

/** As a worker reads it that has pinned the root. */
function documentOf({ keySet, rootKey }: ServerKeys): KeySetDocument {
  const outcome = acceptKeySet(null, keySet, rootKey);
  assert.ok(outcome.outcome === 'accepted');
  return outcome.document;
}

function publicPartOf({ rootKey, keySet }: ServerKeys): unknown {
  return { rootKey, keySet };
}
