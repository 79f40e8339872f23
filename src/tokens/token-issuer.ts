import type { Clock } from '../base/clock.js';
import type { BuildTokenClaims, WorkerTokenClaims } from '../protocol/token-claims.js';
import { signBuildToken, signWorkerToken } from '../protocol/tokens.js';
import type { KnownTokens } from './known-tokens.js';
import type { ServerKeys } from './server-keys.js';

/** A worker token lives this long and is renewed past half of it. */
export const WORKER_TOKEN_LIFE_MS = 900_000;

/** What issuer and verifier share within one replica. */
export interface TokenContext {
  /** The keys as loaded last. */
  readonly keys: () => Pick<ServerKeys, 'workerTokenKey' | 'buildTokenKey' | 'tokenKeys'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly knownWorkerTokens: KnownTokens<WorkerTokenClaims>;
  readonly knownBuildTokens: KnownTokens<BuildTokenClaims>;
}

/** A token and when it ends, in milliseconds since the epoch. */
export interface IssuedWorkToken {
  readonly token: string;
  readonly expiresAtMs: number;
}

/** Issues the tokens of workers and builds; what it issued it need not verify later. */
export class TokenIssuer {
  readonly #context: TokenContext;

  constructor(context: TokenContext) {
    this.#context = context;
  }

  /** A token for one session of a worker, good for {@link WORKER_TOKEN_LIFE_MS}. */
  async issueWorkerToken(grant: Omit<WorkerTokenClaims, 'expiresAtMs'>): Promise<IssuedWorkToken> {
    const { keys, clock, knownWorkerTokens } = this.#context;
    const { workerTokenKey, tokenKeys } = keys();
    const nowMs = clock.now();
    const claims = { ...grant, expiresAtMs: nowMs + WORKER_TOKEN_LIFE_MS };
    const token = await signWorkerToken(workerTokenKey, claims, nowMs);
    knownWorkerTokens.remember(token, claims, tokenKeys);
    return { token, expiresAtMs: claims.expiresAtMs };
  }

  /** A token for one build; `lifeMs` is what the build may take at most, with its grace. */
  async issueBuildToken(
    grant: Omit<BuildTokenClaims, 'expiresAtMs'>,
    lifeMs: number,
  ): Promise<IssuedWorkToken> {
    const { keys, clock, knownBuildTokens } = this.#context;
    const { buildTokenKey, tokenKeys } = keys();
    const nowMs = clock.now();
    const claims = { ...grant, expiresAtMs: nowMs + lifeMs };
    const token = await signBuildToken(buildTokenKey, claims, nowMs);
    knownBuildTokens.remember(token, claims, tokenKeys);
    return { token, expiresAtMs: claims.expiresAtMs };
  }
}
