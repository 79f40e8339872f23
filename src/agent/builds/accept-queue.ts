import { fullJitterMs } from '../../base/backoff.js';
import type { Clock } from '../../base/clock.js';
import { deferred, type Deferred } from '../../base/deferred.js';
import { DomainError, ErrorCode } from '../../base/errors.js';
import type { Logger } from '../../base/logger.js';
import { sign, type SigningKeyPair } from '../../protocol/identity.js';
import type { AcceptAnswer, AcceptItem } from '../../protocol/messages.js';
import { acceptBuilds, type AcceptBuildsInput } from '../../protocol/operations.js';
import { acceptBytes } from '../../protocol/signatures.js';
import type { Offer } from '../session/open-frame.js';
import type { Session } from '../session/session.js';
import { isTransient } from '../session/transient.js';

const RETRY = { baseMs: 200, maxMs: 2_000 };

/** What an accept needs of the agent. */
export interface AcceptContext {
  readonly serverOrigin: string;
  readonly identity: SigningKeyPair;
  readonly clock: Clock;
  readonly logger: Logger;
  resources(): Promise<{ readonly freeDiskBytes: number; readonly freeMemoryBytes: number }>;
}

interface Waiting {
  readonly item: AcceptItem;
  readonly answer: Deferred<AcceptAnswer | null>;
}

/** Accepts offers on one session: those that come while an accept is under way go together in the next one. */
export class AcceptQueue {
  readonly #session: Session;
  readonly #context: AcceptContext;
  #waiting: Waiting[] = [];
  #isRunning = false;

  constructor(session: Session, context: AcceptContext) {
    this.#session = session;
    this.#context = context;
  }

  /** Resolves with the server's answer; null when there is none: then the next session says what became of it. */
  accept({ head, headSha256, content }: Offer): Promise<AcceptAnswer | null> {
    const answer = deferred<AcceptAnswer | null>();
    const item = { buildId: head.build, attempt: head.attempt, nonce: content.nonce, headSha256 };
    this.#waiting.push({ item, answer });
    if (!this.#isRunning) void this.#run();
    return answer.promise;
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      const answers = await this.#send(batch.map(({ item }) => item));
      batch.forEach(({ answer }, index) => answer.resolve(answers?.[index] ?? null));
    }
    this.#isRunning = false;
  }

  async #send(items: readonly AcceptItem[]): Promise<readonly AcceptAnswer[] | null> {
    for (let attempt = 0; this.#session.isOpen; attempt += 1) {
      try {
        const answer = await this.#session.call(acceptBuilds, { input: await this.#sign(items) });
        return answer.acceptBuilds;
      } catch (error) {
        this.#context.logger.warn({ err: error }, 'an accept was not answered');
        if (!isTransient(error) || isSuperseded(error)) return null;
        await this.#context.clock.sleep(fullJitterMs(attempt, RETRY));
      }
    }
    return null;
  }

  async #sign(items: readonly AcceptItem[]): Promise<AcceptBuildsInput> {
    const { serverOrigin, identity } = this.#context;
    const { session, epoch } = this.#session.statement;
    const bytes = acceptBytes({ serverOrigin, session, epoch, items });
    const signature = sign(identity.privateKey, bytes);
    return {
      workerToken: this.#session.workerToken,
      signature,
      ...(await this.#context.resources()),
      builds: items,
    };
  }
}

/** An accept is bound to its session: it cannot be made again on another one. */
function isSuperseded(error: unknown): boolean {
  return error instanceof DomainError && error.code === ErrorCode.SESSION_SUPERSEDED;
}
