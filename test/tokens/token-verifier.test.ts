import assert from 'node:assert/strict';
import type { BuildTokenClaims, WorkerTokenClaims } from '../../src/protocol/token-claims.js';
import { KnownTokens } from '../../src/tokens/known-tokens.js';
import { TokenIssuer, WORKER_TOKEN_LIFE_MS } from '../../src/tokens/token-issuer.js';
import { TokenVerifier } from '../../src/tokens/token-verifier.js';
import { makeTokenKeys } from './work-tokens.js';

const bearer = { workerId: 'worker-1', thumbprint: 'thumb-1' };
const grant = {
  ...bearer,
  buildId: 'build-1',
  jobId: 'job-1',
  attempt: 1,
  slot: 0,
  headSha256: 'head',
  scopes: ['steps'],
};

type Keys = Awaited<ReturnType<typeof makeTokenKeys>>;

/** One server process: keys that can be exchanged, a clock that can be moved, and caches of its own. */
class Replica {
  nowMs = Date.parse('2026-03-01T12:00:00Z');
  readonly knownWorkerTokens = new KnownTokens<WorkerTokenClaims>();
  readonly knownBuildTokens = new KnownTokens<BuildTokenClaims>();
  readonly issuer = new TokenIssuer(this);
  readonly verifier = new TokenVerifier(this);
  readonly clock = { now: () => this.nowMs };

  constructor(public current: Keys) {}

  readonly keys = () => this.current;
}

describe('TokenIssuer and TokenVerifier', () => {
  let keys: Keys;
  let replica: Replica;

  before(async () => {
    keys = await makeTokenKeys();
  });
  beforeEach(() => {
    replica = new Replica(keys);
  });

  it('verify on one replica what another one issued', async () => {
    const other = new Replica(keys);
    const { token, expiresAtMs } = await other.issuer.issueBuildToken(grant, 60_000);
    const check = await replica.verifier.verifyBuildToken(token, 'build-1', bearer);
    assert.deepEqual(check, { outcome: 'verified', claims: { ...grant, expiresAtMs } });
    const worker = await other.issuer.issueWorkerToken({ ...bearer, session: 's', epoch: 1 });
    assert.equal(worker.expiresAtMs, other.nowMs + WORKER_TOKEN_LIFE_MS);
    assert.equal((await replica.verifier.verifyWorkerToken(worker.token, bearer)).outcome, 'verified');
  });

  it('answer the same, known or not, to everybody', async () => {
    const { token } = await replica.issuer.issueBuildToken(grant, 60_000);
    const uses = [
      ['build-1', bearer],
      ['build-2', bearer],
      ['build-1', { ...bearer, workerId: 'worker-2' }],
      ['build-1', { ...bearer, thumbprint: 'thumb-2' }],
    ] as const;
    for (const [buildId, user] of uses) {
      const known = await replica.verifier.verifyBuildToken(token, buildId, user);
      const unknown = await new Replica(keys).verifier.verifyBuildToken(token, buildId, user);
      assert.deepEqual(known, unknown);
    }
  });

  it('refuse a known token once it is over', async () => {
    const { token } = await replica.issuer.issueBuildToken(grant, 60_000);
    replica.nowMs += 60_000 + 5001;
    const check = await replica.verifier.verifyBuildToken(token, 'build-1', bearer);
    assert.deepEqual(check, { outcome: 'rejected', reason: 'EXPIRED' });
  });

  it('refuse a known token once its key is removed', async () => {
    const { token } = await replica.issuer.issueBuildToken(grant, 60_000);
    replica.current = { ...keys, tokenKeys: new Map() };
    const check = await replica.verifier.verifyBuildToken(token, 'build-1', bearer);
    assert.deepEqual(check, { outcome: 'rejected', reason: 'UNKNOWN_KEY' });
  });

  it('do not remember what was refused', async () => {
    const { token } = await new Replica(keys).issuer.issueBuildToken(grant, 60_000);
    await replica.verifier.verifyBuildToken(token, 'build-1', { ...bearer, workerId: 'thief' });
    const use = { bearer, nowMs: replica.nowMs, keys: keys.tokenKeys };
    assert.equal(replica.knownBuildTokens.find(token, use), undefined);
  });

  it('verify a token once and then know it', async () => {
    const { token } = await new Replica(keys).issuer.issueBuildToken(grant, 60_000);
    const use = { bearer, nowMs: replica.nowMs, keys: keys.tokenKeys };
    assert.equal(replica.knownBuildTokens.find(token, use), undefined);
    const first = await replica.verifier.verifyBuildToken(token, 'build-1', bearer);
    const known = replica.knownBuildTokens.find(token, use);
    assert.ok(first.outcome === 'verified' && known === first.claims);
  });
});
