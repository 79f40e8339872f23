import { type Clock } from '../../base/clock.js';
import { fullJitterMs } from '../../base/backoff.js';
import { deferred, type Deferred } from '../../base/deferred.js';
import type { DomainError } from '../../base/errors.js';
import { ErrorCode } from '../../base/errors.js';
import type { Operation } from '../../protocol/operations.js';
import type { Session } from './session.js';
import { isTransient } from './transient.js';

const RETRY = { baseMs: 200, maxMs: 5_000 };

/**
 * The way to the server across sessions: a call that gets no answer is made again, on the same session or the next
 * one, until it has one.
 */
export class Uplink {
  readonly #clock: Clock;
  #current: Deferred<Session> = deferred();
  #session: Session | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** From now on calls go over this session; those that wait go first. */
  attach(session: Session): void {
    this.#session = session;
    this.#current.resolve(session);
  }

  /** The session is over: calls wait for the next one. */
  detach(session: Session): void {
    if (this.#session !== session) return;
    this.#session = null;
    this.#current = deferred();
  }

  /** The session that is open now, if one is. */
  get session(): Session | null {
    return this.#session?.isOpen === true ? this.#session : null;
  }

  /**
   * Runs a mutation until it is answered; `variables` are asked for each time, and null means that there is nothing
   * to send any more. Throws the DomainError of a lasting refusal.
   */
  async call<Variables, Data>(
    operation: Operation<Variables, Data>,
    variables: () => Variables | null,
  ): Promise<Data | null> {
    for (let attempt = 0; ; attempt += 1) {
      const session = await this.#current.promise;
      const current = variables();
      if (current === null) return null;
      try {
        return await session.call(operation, current);
      } catch (error) {
        if (!isTransient(error)) throw error;
        await this.#recover(session, { error: error as DomainError, attempt });
      }
    }
  }

  /** A superseded session is over, whether its socket knows it or not. Anything else passes by itself. */
  async #recover(
    session: Session,
    { error, attempt }: { error: DomainError; attempt: number },
  ): Promise<void> {
    if (error.code === ErrorCode.SESSION_SUPERSEDED) {
      session.close(1000, 'superseded');
      this.detach(session);
      return;
    }
    await this.#clock.sleep(fullJitterMs(attempt, RETRY));
  }
}
