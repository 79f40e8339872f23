import assert from 'node:assert/strict';
import { ErrorCode, ValidationError, type DomainError } from '../../src/base/errors.js';
import {
  makeEnrolmentToken,
  parseEnrolmentToken,
  rootFingerprint,
} from '../../src/protocol/enrolment-token.js';
import { generateKeyPair } from '../../src/protocol/identity.js';
import { revokeEnrolment } from '../../src/tokens/enrolments.queries.js';
import { createEnrolment, useEnrolment, type EnrolmentRequest } from '../../src/tokens/enrolments.js';
import { advance, testDatabase } from '../support/database.js';

const rootKey = generateKeyPair().publicKey;
const request: EnrolmentRequest = {
  pool: 'default',
  targets: ['x86_64-linux', 'aarch64-linux'],
  labels: { zone: 'b' },
  buildLimit: 4,
  hostnamePattern: 'mill-*',
  maxUses: 1,
  ttlS: 600,
};
const machine = { hostname: 'Mill-1', targets: ['x86_64-linux'], labels: { zone: 'b' }, buildLimit: 2 };

describe('an enrolment', () => {
  const database = testDatabase();
  let poolId: string;

  before('a pool', async () => {
    const [pool] = await database.query<{ id: string }>(
      `insert into pools (name) values ('default') on conflict (name) do update set name = 'default' returning id`,
    );
    poolId = pool!.id;
  });

  const create = (change: Partial<EnrolmentRequest> = {}) =>
    createEnrolment(database.pool, rootKey, { ...request, ...change });
  const use = (token: string, change: Partial<typeof machine> = {}) =>
    useEnrolment(database.pool, { token, ...machine, ...change });

  it('lets a machine in with what it asked for', async () => {
    const { id, token } = await create();
    assert.equal(parseEnrolmentToken(token).rootFingerprint, rootFingerprint(rootKey));
    assert.deepEqual(await use(token), {
      outcome: 'enrolled',
      enrolled: { ...machine, hostname: 'mill-1', enrolmentId: id, poolId },
    });
  });

  it('lets in as many as it was made for, also when more come at once', async () => {
    const { token } = await create({ maxUses: 3 });
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => use(token)));
    assert.equal(outcomes.filter(({ outcome }) => outcome === 'enrolled').length, 3);
    for (const outcome of outcomes.filter((one) => one.outcome === 'refused')) {
      assert.deepEqual(outcome, { outcome: 'refused', reason: 'USED_UP' });
    }
  });

  it('does not spend a use whose transaction fails', async () => {
    const { token } = await create();
    const client = await database.pool.connect();
    try {
      await client.query('begin');
      assert.equal((await useEnrolment(client, { token, ...machine })).outcome, 'enrolled');
      await client.query('rollback');
    } finally {
      client.release();
    }
    assert.equal((await use(token)).outcome, 'enrolled');
  });

  it('lets a machine only narrow it, and spends no use on one that asks for more', async () => {
    const { token } = await create();
    const wide = await use(token, { hostname: 'lathe-1', targets: ['riscv64-linux'], buildLimit: 5 });
    assert.ok(wide.outcome === 'refused' && wide.reason === 'TOO_WIDE');
    assert.deepEqual(wide.problems, [
      { field: 'hostname', value: 'lathe-1', expected: 'a host name like mill-*' },
      { field: 'targets', value: 'riscv64-linux', expected: 'one of x86_64-linux, aarch64-linux' },
      { field: 'buildLimit', value: '5', expected: 'at most 4' },
    ]);
    for (const change of [{ targets: [] }, { hostname: 'mill-\0' }, { buildLimit: 0 }]) {
      const refused = await use(token, change);
      assert.ok(refused.outcome === 'refused' && refused.reason === 'TOO_WIDE');
    }
    assert.equal((await use(token)).outcome, 'enrolled');
  });

  it('lets nobody in when it is over or revoked', async () => {
    const revoked = await create();
    assert.equal(await revokeEnrolment(database.pool, revoked.id), true);
    assert.deepEqual(await use(revoked.token), { outcome: 'refused', reason: 'REVOKED' });
    const { token } = await create();
    await advance(database, '601 seconds');
    assert.deepEqual(await use(token), { outcome: 'refused', reason: 'EXPIRED' });
  });

  it('lets nobody in by another secret under its id, or by anything else', async () => {
    const { token } = await create();
    const other = makeEnrolmentToken(rootKey).token;
    const mixed = `${token.slice(0, 21)}${other.slice(21)}`;
    assert.deepEqual(await use(mixed), { outcome: 'refused', reason: 'UNKNOWN' });
    assert.deepEqual(await use(other), { outcome: 'refused', reason: 'UNKNOWN' });
    assert.deepEqual(await use('swe_\0'), { outcome: 'refused', reason: 'MALFORMED' });
    assert.equal((await use(token)).outcome, 'enrolled');
  });

  it('is not made with what can never be, and every problem is named', async () => {
    const bad = { targets: [], buildLimit: 0, hostnamePattern: '[a]', maxUses: 0, ttlS: 1e9 };
    await assert.rejects(create(bad), (error: unknown) => {
      assert.ok(error instanceof ValidationError);
      const fields = error.problems.map(({ field }) => field);
      assert.deepEqual(fields, ['targets', 'buildLimit', 'hostnamePattern', 'maxUses', 'ttlS']);
      return true;
    });
  });

  it('is not made for a pool that is not there', async () => {
    await assert.rejects(
      create({ pool: 'nowhere' }),
      (error: unknown) => (error as DomainError).code === ErrorCode.NOT_FOUND,
    );
  });
});
