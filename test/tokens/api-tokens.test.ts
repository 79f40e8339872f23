import assert from 'node:assert/strict';
import { ValidationError } from '../../src/base/errors.js';
import { makeUserToken } from '../../src/protocol/user-token.js';
import { revokeApiToken } from '../../src/tokens/api-tokens.queries.js';
import {
  createApiToken,
  createFirstAdministratorToken,
  verifyApiToken,
  type ApiTokenRequest,
} from '../../src/tokens/api-tokens.js';
import { advance, testDatabase } from '../support/database.js';

const request: ApiTokenRequest = { name: 'release robot', scopes: ['read', 'write'], lifeS: 3600 };

describe('user tokens', () => {
  const database = testDatabase();

  it('stand for what they were made for', async () => {
    const { token, tokenId } = await createApiToken(database.pool, request);
    const check = await verifyApiToken(database.pool, token);
    assert.ok(check.outcome === 'verified');
    const { id: _id, expiresAt: _expiresAt, ...holder } = check.holder;
    assert.deepEqual(holder, { tokenId, name: 'release robot', scopes: ['read', 'write'] });
  });

  it('are not in the database', async () => {
    const { token } = await createApiToken(database.pool, request);
    const [row] = await database.query<{ text: string }>(
      'select string_agg(api_tokens::text, $1) as text from api_tokens',
      [' '],
    );
    assert.ok(!row!.text.includes(token.slice(21)));
  });

  it('end when their time is over', async () => {
    const { token } = await createApiToken(database.pool, request);
    await advance(database, '3601 seconds');
    assert.deepEqual(await verifyApiToken(database.pool, token), { outcome: 'rejected', reason: 'EXPIRED' });
  });

  it('end at once when revoked', async () => {
    const { token, tokenId } = await createApiToken(database.pool, request);
    assert.equal(await revokeApiToken(database.pool, tokenId), true);
    assert.deepEqual(await verifyApiToken(database.pool, token), { outcome: 'rejected', reason: 'REVOKED' });
    assert.equal(await revokeApiToken(database.pool, 'nobody'), false);
  });

  it('are refused with the id of another one, and as anything else', async () => {
    const { tokenId } = await createApiToken(database.pool, request);
    const { token: stranger, tokenId: strangerId, hash } = makeUserToken();
    assert.deepEqual(await verifyApiToken(database.pool, stranger), {
      outcome: 'rejected',
      reason: 'UNKNOWN',
    });
    // The right id with another secret: its row is found, its hash is not the token's.
    await database.query('update api_tokens set hash = $1 where token_id = $2', [hash, tokenId]);
    await database.query('update api_tokens set token_id = $1 where token_id = $2', [strangerId, tokenId]);
    assert.equal((await verifyApiToken(database.pool, stranger)).outcome, 'verified');
    await database.query(`update api_tokens set hash = decode(repeat('00', 32), 'hex') where token_id = $1`, [
      strangerId,
    ]);
    assert.deepEqual(await verifyApiToken(database.pool, stranger), {
      outcome: 'rejected',
      reason: 'UNKNOWN',
    });
    for (const bad of ['', 'swu_', `${stranger}0`, 'swu_\0']) {
      assert.deepEqual(await verifyApiToken(database.pool, bad), {
        outcome: 'rejected',
        reason: 'MALFORMED',
      });
    }
  });

  it('have their use recorded at most once a minute', async () => {
    const { token, tokenId } = await createApiToken(database.pool, request);
    const use = async (): Promise<string> => {
      await verifyApiToken(database.pool, token);
      const [row] = await database.query<{ at: string }>(
        'select last_used_at::text as at from api_tokens where token_id = $1',
        [tokenId],
      );
      return row!.at;
    };
    const first = await use();
    assert.ok(first);
    assert.equal(await use(), first);
    await advance(database, '61 seconds');
    assert.notEqual(await use(), first);
  });

  it('are not made for a name, scopes or a life that cannot be', async () => {
    const bad: Partial<ApiTokenRequest>[] = [
      { name: '' },
      { name: 'a\0' },
      { name: '\ud800' },
      { scopes: [] },
      { scopes: ['Admin'] },
      { lifeS: 0 },
      { lifeS: 1.5 },
      { lifeS: 400 * 24 * 3600 },
    ];
    for (const change of bad) {
      await assert.rejects(createApiToken(database.pool, { ...request, ...change }), ValidationError);
    }
  });
});

describe("the first administrator's token", () => {
  const database = testDatabase();

  it('is made by one of the servers that start together, and never again', async () => {
    const made = await Promise.all(
      Array.from({ length: 8 }, () => createFirstAdministratorToken(database.pool)),
    );
    const tokens = made.filter((created) => created !== null);
    assert.equal(tokens.length, 1);
    assert.equal(await createFirstAdministratorToken(database.pool), null);
    const check = await verifyApiToken(database.pool, tokens[0]!.token);
    assert.ok(check.outcome === 'verified');
    assert.deepEqual(check.holder.scopes, ['admin']);
  });
});
