import type { Clock } from '../../base/clock.js';
import type { Logger } from '../../base/logger.js';
import type { HeartbeatInput } from '../../protocol/messages.js';
import { heartbeat } from '../../protocol/operations.js';
import { momentOf, type Moment } from './moment.js';
import type { Session } from './session.js';

/** Intervals without a Beat after which the stream is taken for dead. */
const MISSED_BEATS = 2;

/** What a heartbeat says of the machine. */
export type WorkerFacts = Omit<HeartbeatInput, 'number' | 'lastFrameSeq'>;

/** What a heartbeat needs of the agent. */
export interface HeartbeatHost {
  facts(): Promise<WorkerFacts>;
  /** The server has answered what was sent at `sentAt`. */
  renewed(sentAt: Moment, leaseMs: number): void;
  /** The server knows no lease of these builds. */
  abandon(builds: readonly string[]): void;
}

/**
 * Proves on the stream that carries the work that both sides are alive. The main loop does nothing that takes long
 * (steps and git are processes, keys and seals are worked on by the thread pool, log bytes pass in chunks of 64 KiB),
 * so that heartbeats need no thread of their own; what would hold one up would hold up the frames it speaks for.
 */
export class Heartbeat {
  lastFrameSeq = 0;
  readonly #session: Session;
  readonly #host: HeartbeatHost;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #number = 0;
  #lastBeatMs: number;

  constructor(
    session: Session,
    host: HeartbeatHost,
    tools: { readonly clock: Clock; readonly logger: Logger },
  ) {
    this.#session = session;
    this.#host = host;
    this.#clock = tools.clock;
    this.#logger = tools.logger;
    this.#lastBeatMs = tools.clock.monotonic();
  }

  /** A heartbeat came back through the stream. */
  reflected(): void {
    this.#lastBeatMs = this.#clock.monotonic();
  }

  /** Sends one heartbeat and takes its answer; or ends the session when none has come back for too long. */
  async runOnce(): Promise<void> {
    const silentMs = this.#clock.monotonic() - this.#lastBeatMs;
    if (silentMs > MISSED_BEATS * this.#session.statement.heartbeatMs) {
      this.#session.terminate(`no heartbeat came back through the stream for ${Math.round(silentMs)} ms`);
      return;
    }
    this.#number += 1;
    const sentAt = momentOf(this.#clock);
    const input = { number: this.#number, lastFrameSeq: this.lastFrameSeq, ...(await this.#host.facts()) };
    const { heartbeat: answer } = await this.#session.call(heartbeat, { input });
    this.#host.renewed(sentAt, answer.leaseMs);
    if (answer.workerToken !== null) this.#session.workerToken = answer.workerToken;
    if (answer.abandon.length > 0) this.#host.abandon(answer.abandon);
  }

  /** Beats until the session is over. An answer that does not come holds no heartbeat up. */
  async run(): Promise<void> {
    const over = new AbortController();
    void this.#session.closed.then(() => over.abort());
    while (this.#session.isOpen) {
      void this.runOnce().catch((error: unknown) => this.#logger.warn({ err: error }, 'a heartbeat failed'));
      await this.#clock.sleep(this.#session.statement.heartbeatMs, over.signal).catch(() => undefined); // The session is over: the loop's condition says so.
    }
  }
}
