import type { BuildTokenClaims, TokenBearer, WorkerTokenClaims } from '../protocol/token-claims.js';
import { verifyBuildToken, verifyWorkerToken, type TokenCheck } from '../protocol/tokens.js';
import type { TokenContext } from './token-issuer.js';

/** Verifies tokens for the worker on whose authenticated connection they came. */
export class TokenVerifier {
  readonly #context: TokenContext;

  constructor(context: TokenContext) {
    this.#context = context;
  }

  /** The claims of a worker token. That session and epoch are the connection's is for the caller to compare. */
  async verifyWorkerToken(token: string, bearer: TokenBearer): Promise<TokenCheck<WorkerTokenClaims>> {
    const presented = this.#present(token, bearer);
    const known = this.#context.knownWorkerTokens.find(token, presented);
    if (known) return { outcome: 'verified', claims: known };
    const check = await verifyWorkerToken(presented);
    if (check.outcome === 'verified') {
      this.#context.knownWorkerTokens.remember(token, check.claims, presented.keys);
    }
    return check;
  }

  /** The claims of a build token presented for `buildId`. That its lease is accepted and live only the row says. */
  async verifyBuildToken(
    token: string,
    buildId: string,
    bearer: TokenBearer,
  ): Promise<TokenCheck<BuildTokenClaims>> {
    const presented = this.#present(token, bearer);
    const known = this.#context.knownBuildTokens.find(token, presented);
    if (known?.buildId === buildId) return { outcome: 'verified', claims: known };
    const check = await verifyBuildToken({ ...presented, buildId });
    if (check.outcome === 'verified') {
      this.#context.knownBuildTokens.remember(token, check.claims, presented.keys);
    }
    return check;
  }

  #present(token: string, bearer: TokenBearer) {
    return { token, bearer, keys: this.#context.keys().tokenKeys, nowMs: this.#context.clock.now() };
  }
}
