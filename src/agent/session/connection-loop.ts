import type { Clock } from '../../base/clock.js';
import { DomainError } from '../../base/errors.js';
import type { Logger } from '../../base/logger.js';
import { CloseCode } from '../../protocol/close-codes.js';
import { afterClose } from './reconnect.js';
import type { Session } from './session.js';

/** What a connection loop keeps going. */
export interface ConnectionHost {
  connect(): Promise<Session>;
  /** Works on a session until it is over. */
  serve(session: Session): Promise<void>;
}

/** Why the loop ended by itself. */
export interface Revocation {
  readonly reason: string;
}

interface Ended {
  readonly closeCode: number | null;
  readonly reason: string;
  /** True when the session was acknowledged and proven. */
  readonly wasSession: boolean;
}

/** Keeps one session open, one after the other. */
export class ConnectionLoop {
  readonly #host: ConnectionHost;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #failures = 0;
  #leaseMs: number | null = null;

  constructor(host: ConnectionHost, tools: { readonly clock: Clock; readonly logger: Logger }) {
    this.#host = host;
    this.#clock = tools.clock;
    this.#logger = tools.logger;
  }

  /** Runs until the signal is aborted (null) or the worker is revoked. */
  async run(signal: AbortSignal): Promise<Revocation | null> {
    while (!signal.aborted) {
      const { closeCode, reason, wasSession } = await this.runOnce(signal);
      if (signal.aborted) break;
      this.#failures = wasSession ? 0 : this.#failures + 1;
      const next = afterClose({ closeCode, failures: this.#failures, leaseMs: this.#leaseMs });
      if (next.kind === 'STOP') return { reason };
      this.#logger.warn({ closeCode, reason, retryMs: Math.round(next.afterMs) }, 'not connected');
      await this.#clock.sleep(next.afterMs, signal).catch(() => undefined); // Aborted: the loop's condition says so.
    }
    return null;
  }

  /** One session from its connect to its end. Aborting the signal closes it. */
  async runOnce(signal: AbortSignal): Promise<Ended> {
    try {
      const session = await this.#host.connect();
      const onAbort = (): void => session.close(1000, 'the agent stops');
      if (signal.aborted) onAbort();
      signal.addEventListener('abort', onAbort, { once: true });
      this.#leaseMs = session.statement.leaseMs;
      await this.#host.serve(session).finally(() => signal.removeEventListener('abort', onAbort));
      const { code, reason } = await session.closed;
      return { closeCode: code, reason, wasSession: code !== CloseCode.SUPERSEDED };
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      const { closeCode } = error.details;
      const code = typeof closeCode === 'number' ? closeCode : null;
      return { closeCode: code, reason: error.message, wasSession: false };
    }
  }
}
