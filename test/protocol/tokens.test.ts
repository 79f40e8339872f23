import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { PublicProtocol, type Claims } from 'paseto';
import { SignFactory } from 'paseto/v4/public';
import { exportPrivateKey, generateKeyPair, thumbprint } from '../../src/protocol/identity.js';
import { lp } from '../../src/protocol/lp.js';
import { KeyPurpose } from '../../src/protocol/messages.js';
import {
  buildTokenForm,
  type BuildTokenClaims,
  type TokenBearer,
  type WorkerTokenClaims,
} from '../../src/protocol/token-claims.js';
import { importTokenKeys, importTokenSigningKey, type TokenKeys } from '../../src/protocol/token-keys.js';
import {
  CLOCK_TOLERANCE_S,
  signBuildToken,
  signWorkerToken,
  verifyBuildToken,
  verifyWorkerToken,
  type TokenCheck,
} from '../../src/protocol/tokens.js';
import { flipBit } from './flip.js';

const nowMs = Date.parse('2026-03-01T12:00:00Z');
const bearer: TokenBearer = { workerId: 'worker-1', thumbprint: thumbprint(generateKeyPair().publicKey) };
const workerClaims: WorkerTokenClaims = {
  ...bearer,
  session: 'session-1',
  epoch: 7,
  expiresAtMs: nowMs + 900_000,
};
const buildClaims: BuildTokenClaims = {
  ...bearer,
  buildId: 'build-1',
  jobId: 'job-1',
  attempt: 2,
  slot: 3,
  headSha256: 'head',
  scopes: ['steps', 'logs'],
  expiresAtMs: nowMs + 1_900_000,
};

async function makeKey(kid: string, purpose: KeyPurpose, notAfter = '2027-01-01T00:00:00Z') {
  const pair = generateKeyPair();
  const signing = await importTokenSigningKey(kid, exportPrivateKey(pair.privateKey));
  return { signing, entry: { kid, purpose, publicKey: pair.publicKey, notAfter } };
}

const workerKey = await makeKey('wk', KeyPurpose.WORKER_TOKEN);
const buildKey = await makeKey('bk', KeyPurpose.BUILD_TOKEN);
const keys = await importTokenKeys({ version: 1, keys: [workerKey.entry, buildKey.entry] });

const workerToken = await signWorkerToken(workerKey.signing, workerClaims, nowMs);
const buildToken = await signBuildToken(buildKey.signing, buildClaims, nowMs);

interface Circumstances {
  token?: string;
  keys?: TokenKeys;
  bearer?: TokenBearer;
  nowMs?: number;
}

function checkWorker(circumstances: Circumstances = {}): Promise<TokenCheck<WorkerTokenClaims>> {
  return verifyWorkerToken({ token: workerToken, keys, bearer, nowMs, ...circumstances });
}

function checkBuild(
  circumstances: Circumstances & { buildId?: string } = {},
): Promise<TokenCheck<BuildTokenClaims>> {
  return verifyBuildToken({ token: buildToken, keys, bearer, nowMs, buildId: 'build-1', ...circumstances });
}

function rejected(reason: string): unknown {
  return { outcome: 'rejected', reason };
}

describe('a worker token', () => {
  it('says to its worker what it was issued with', async () => {
    assert.deepEqual(await checkWorker(), { outcome: 'verified', claims: workerClaims });
  });

  it('does not verify for another worker or another key of the same worker', async () => {
    const other = await checkWorker({ bearer: { ...bearer, workerId: 'worker-2' } });
    assert.deepEqual(other, rejected('BAD_SIGNATURE'));
    const rekeyed = { ...bearer, thumbprint: thumbprint(generateKeyPair().publicKey) };
    assert.deepEqual(await checkWorker({ bearer: rekeyed }), rejected('BAD_SIGNATURE'));
  });

  it('is no build token, and a build token is no worker token', async () => {
    assert.deepEqual(await checkBuild({ token: workerToken }), rejected('WRONG_PURPOSE'));
    assert.deepEqual(await checkWorker({ token: buildToken }), rejected('WRONG_PURPOSE'));
  });
});

describe('a build token', () => {
  it('says to its worker what it was issued with', async () => {
    assert.deepEqual(await checkBuild(), { outcome: 'verified', claims: buildClaims });
  });

  it('does not verify when stolen by another worker', async () => {
    const thief = { workerId: 'worker-2', thumbprint: thumbprint(generateKeyPair().publicKey) };
    assert.deepEqual(await checkBuild({ bearer: thief }), rejected('BAD_SIGNATURE'));
  });

  it('does not verify for another build of the same worker', async () => {
    assert.deepEqual(await checkBuild({ buildId: 'build-2' }), rejected('BAD_SIGNATURE'));
  });

  it('ends when it says, give or take the stated tolerance', async () => {
    const endMs = buildClaims.expiresAtMs + CLOCK_TOLERANCE_S * 1000;
    assert.equal((await checkBuild({ nowMs: endMs })).outcome, 'verified');
    assert.deepEqual(await checkBuild({ nowMs: endMs + 1 }), rejected('EXPIRED'));
  });

  it('is not taken before it was issued, give or take the stated tolerance', async () => {
    const earliestMs = nowMs - CLOCK_TOLERANCE_S * 1000;
    assert.equal((await checkBuild({ nowMs: earliestMs })).outcome, 'verified');
    assert.deepEqual(await checkBuild({ nowMs: earliestMs - 1 }), rejected('NOT_YET_VALID'));
  });

  it('is refused once its key is removed, over, or another one of the same name', async () => {
    const others = await importTokenKeys({ version: 2, keys: [workerKey.entry] });
    assert.deepEqual(await checkBuild({ keys: others }), rejected('UNKNOWN_KEY'));
    const old = { ...buildKey.entry, notAfter: '2026-03-01T11:59:59Z' };
    const over = await importTokenKeys({ version: 2, keys: [old] });
    assert.deepEqual(await checkBuild({ keys: over }), rejected('KEY_EXPIRED'));
    const namesake = await makeKey('bk', KeyPurpose.BUILD_TOKEN);
    const replaced = await importTokenKeys({ version: 2, keys: [namesake.entry] });
    assert.deepEqual(await checkBuild({ keys: replaced }), rejected('BAD_SIGNATURE'));
  });

  it('is refused for another audience or build, even when key and assertion are right', async () => {
    const exp = new Date(buildClaims.expiresAtMs).toISOString();
    const foreign = await signAsBuildToken({ aud: 'slipway:worker', sub: 'build-1', exp });
    assert.deepEqual(await checkBuild({ token: foreign }), rejected('WRONG_AUDIENCE'));
    const others = await signAsBuildToken(buildTokenForm.write({ ...buildClaims, buildId: 'build-2' }));
    assert.deepEqual(await checkBuild({ token: others }), rejected('WRONG_CLAIMS'));
  });

  it('is refused with any bit of it flipped', async () => {
    const body = Buffer.from(buildToken.split('.')[2]!, 'base64url');
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (bit) => {
        const [version, purpose, , footer] = buildToken.split('.');
        const token = [version, purpose, flipBit(body, bit).toString('base64url'), footer].join('.');
        assert.deepEqual(await checkBuild({ token }), rejected('BAD_SIGNATURE'));
      }),
      { numRuns: 200 },
    );
  });

  it('is refused with another footer, also one that names the same key', async () => {
    const [version, purpose, body] = buildToken.split('.');
    const withFooter = (text: string): string =>
      [version, purpose, body, Buffer.from(text).toString('base64url')].join('.');
    assert.deepEqual(await checkBuild({ token: withFooter('{"kid":"wk"}') }), rejected('WRONG_PURPOSE'));
    assert.deepEqual(await checkBuild({ token: withFooter('{"kid":"xx"}') }), rejected('UNKNOWN_KEY'));
    assert.deepEqual(await checkBuild({ token: withFooter('{"kid": "bk"}') }), rejected('BAD_SIGNATURE'));
    for (const text of ['', 'bk', 'null', '7', '{"kid":7}', '{"kid":"bk"', 'x'.repeat(257)]) {
      assert.deepEqual(await checkBuild({ token: withFooter(text) }), rejected('MALFORMED'), text);
    }
  });

  it('is refused under another version or purpose, with padding, and as anything else', async () => {
    const others = [
      buildToken.replace('v4.', 'v3.'),
      buildToken.replace('v4.', 'v2.'),
      buildToken.replace('.public.', '.local.'),
      buildToken.split('.').slice(0, 3).join('.'),
      `${buildToken}.x`,
      `${buildToken}=`,
      ` ${buildToken}`,
      'v4.public.',
      'v4.public..eyJraWQiOiJiayJ9',
      '',
      'x'.repeat(100_000),
      '\0',
    ];
    for (const token of others) {
      assert.deepEqual(await checkBuild({ token }), rejected('MALFORMED'), token.slice(0, 40));
    }
    const padded = buildToken.replace(/\.([^.]+)$/, '=.$1');
    assert.deepEqual(await checkBuild({ token: padded }), rejected('BAD_SIGNATURE'));
  });

  it('is refused when its claims have another shape', async () => {
    const broken = { ...buildClaims, attempt: 1.5 };
    const token = await signBuildToken(buildKey.signing, broken, nowMs);
    assert.deepEqual(await checkBuild({ token }), rejected('WRONG_CLAIMS'));
  });

  /** Any claims, under the key, footer and assertion of build-1's token. */
  function signAsBuildToken(claims: Claims): Promise<string> {
    return new PublicProtocol(SignFactory).Sign(buildKey.signing.secretKey, claims, {
      footer: Buffer.from('{"kid":"bk"}'),
      implicitAssertion: lp('slipway/build-token/v1', bearer.workerId, bearer.thumbprint, 'build-1'),
      now: new Date(nowMs),
    });
  }
});
