import type { Clock } from '../base/clock.js';
import { WORKER_TOKEN_LIFE_MS, type TokenIssuer } from '../tokens/index.js';
import type { SessionIdentity } from './session-services.js';

/** Gives a session its worker tokens: one at its start, the next when half of its life is over. */
export class WorkerTokenSource {
  #renewAtMs: number;

  constructor(
    private readonly identity: Pick<SessionIdentity, 'workerId' | 'thumbprint' | 'session' | 'epoch'>,
    private readonly services: { readonly issuer: TokenIssuer; readonly clock: Clock },
  ) {
    this.#renewAtMs = services.clock.monotonic() + WORKER_TOKEN_LIFE_MS / 2;
  }

  /** A new token when it is time, else null. */
  async renewed(): Promise<string | null> {
    const now = this.services.clock.monotonic();
    if (now < this.#renewAtMs) return null;
    this.#renewAtMs = now + WORKER_TOKEN_LIFE_MS / 2;
    const { workerId, thumbprint, session, epoch } = this.identity;
    return (await this.services.issuer.issueWorkerToken({ workerId, thumbprint, session, epoch })).token;
  }
}
