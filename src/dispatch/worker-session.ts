import { DomainError, ErrorCode, ValidationError } from '../base/errors.js';
import { cut } from '../base/text.js';
import { CloseCode } from '../protocol/close-codes.js';
import type {
  AcceptAnswer,
  Frame,
  HeartbeatAnswer,
  HeartbeatInput,
  ItemAnswer,
  UploadsAnswer,
} from '../protocol/messages.js';
import { AgentOperations, type AcceptRequestInput } from './agent-operations.js';
import type { BuildFacts } from './facts.queries.js';
import { ForgottenBuilds } from './forgotten-builds.js';
import { FrameStream } from './frame-stream.js';
import { superseded } from './item-answers.js';
import { OfferBook, type Offer } from './offer-book.js';
import type { SealedPackage } from './packages.js';
import type { SessionIdentity, SessionServices } from './session-services.js';
import { StreamPulse } from './stream-pulse.js';
import { WorkerTokenSource } from './worker-token-source.js';

/** Why a session's socket is to be closed. */
export type CloseListener = (code: CloseCode, reason: string) => void;

const MAX_VERSION_CHARS = 100;

/**
 * One authenticated life of a worker's connection, on the replica that holds its socket: pushes packages down and
 * takes the agent's operations. What it remembers are hints; every decision is made on the rows.
 */
export class WorkerSession {
  readonly #book = new OfferBook();
  readonly #stream: FrameStream;
  readonly #tokens: WorkerTokenSource;
  readonly #listeners = new Set<CloseListener>();
  readonly #operations: AgentOperations;
  readonly #pulse = new StreamPulse();
  readonly #forgotten = new ForgottenBuilds();
  #lastFrameSeq = 0;
  #reserved = 0;
  #isReady = false;
  #isClosed = false;
  #buildLimit: number;

  constructor(
    readonly identity: SessionIdentity,
    private readonly services: SessionServices,
  ) {
    this.#buildLimit = identity.buildLimit;
    this.#tokens = new WorkerTokenSource(identity, services);
    this.#operations = new AgentOperations(identity, services, this.#book);
    this.#stream = new FrameStream({
      maxPackages: services.maxPackagesPerFrame,
      sign: (frameSeq, packages) => services.signOffer(identity, frameSeq, packages),
      onFrame: (frameSeq, events) => {
        this.#book.sent(frameSeq, events);
        this.#pulse.sent(frameSeq, events);
      },
    });
  }

  get id(): string {
    return this.identity.session;
  }

  get workerId(): string {
    return this.identity.workerId;
  }

  get epoch(): number {
    return this.identity.epoch;
  }

  /** Slots that may take a build, as far as is known here; 0 unless the session is ready. */
  get freeSlots(): number {
    return this.#isReady && !this.#isClosed
      ? Math.max(0, this.#buildLimit - this.#book.used - this.#reserved)
      : 0;
  }

  /** Frames of the `buildPackages` subscription. CONFLICT for a second subscriber. */
  frames(): AsyncGenerator<Frame, void> {
    return this.#stream.frames();
  }

  /** Calls back when the server wants the socket closed. */
  onClose(listener: CloseListener): void {
    this.#listeners.add(listener);
  }

  /** The agent listens and has settled what it held: from now on it gets work. */
  async ready(): Promise<{ ok: true }> {
    if (!this.#stream.isTaken) {
      throw new DomainError(ErrorCode.CONFLICT, 'reportReady comes after the subscription to buildPackages');
    }
    if (!(await this.services.markReady(this.id))) throw superseded();
    this.#isReady = true;
    this.services.slotsFreed(this.identity.workerClass.targets);
    return { ok: true };
  }

  /** Slots whose packages are being made; negative to give them back. */
  reserve(slots: number): void {
    this.#reserved += slots;
  }

  /** True for an offer that was handed to the stream and has not been answered. */
  hasOffered(buildId: string): boolean {
    return this.#book.find(buildId) !== undefined;
  }

  /** Hands packages to the stream; each is to be accepted before its time is over. */
  offer(packages: readonly SealedPackage[]): void {
    const now = this.services.clock.monotonic();
    for (const sealed of packages) this.#book.offered(sealed, now);
    this.#stream.push(...packages.map((sealed) => sealed.package));
  }

  /** Builds of the session that were accepted before this replica got it. */
  adopt(buildIds: readonly string[]): void {
    this.#book.synchronise(buildIds);
  }

  /** Tells the agent to end a build, once. */
  cancel(buildId: string, reason: string): void {
    if (!this.#book.canceling(buildId)) return;
    this.#stream.push({ __typename: 'CancelBuild', buildId, reason, graceMs: this.services.cancelGraceMs });
  }

  async heartbeat(input: HeartbeatInput): Promise<HeartbeatAnswer> {
    this.#assertOpen();
    this.#lastFrameSeq = Math.max(this.#lastFrameSeq, input.lastFrameSeq);
    this.#book.lookAtRows();
    const renewal = await this.services.heartbeats.renew(this.id);
    if (renewal.kind === 'CLOSED') {
      this.close(CloseCode.SUPERSEDED, 'another session has replaced this one');
      throw superseded();
    }
    this.#buildLimit = renewal.buildLimit;
    this.#reflect(input.number);
    await this.services.acknowledgeCancels(this.#book.takeHandledCancels(input.lastFrameSeq));
    for (const buildId of this.#forgotten.compare(renewal.leases, input.holds)) {
      this.services.loseForgotten(this, buildId);
    }
    const live = new Set(renewal.leases.map(({ build_id }) => build_id));
    const running = renewal.leases.filter(({ accepted }) => accepted).map(({ build_id }) => build_id);
    this.#book.synchronise(running);
    return {
      leaseMs: this.services.leaseMs,
      abandon: input.holds.filter((buildId) => !live.has(buildId)),
      workerToken: await this.#tokens.renewed(),
    };
  }

  async acceptBuilds(input: AcceptRequestInput): Promise<AcceptAnswer[]> {
    this.#assertOpen();
    return this.#operations.accept(input);
  }

  async refuseBuilds(items: Parameters<AgentOperations['refuse']>[0]): Promise<ItemAnswer[]> {
    this.#assertOpen();
    return this.#operations.refuse(items);
  }

  async startBuilds(items: Parameters<AgentOperations['start']>[0]): Promise<ItemAnswer[]> {
    this.#assertOpen();
    return this.#operations.start(items);
  }

  async updateSteps(items: Parameters<AgentOperations['reportSteps']>[0]): Promise<ItemAnswer[]> {
    this.#assertOpen();
    return this.#operations.reportSteps(items);
  }

  async appendLogs(items: Parameters<AgentOperations['appendLogs']>[0]): Promise<ItemAnswer[]> {
    this.#assertOpen();
    return this.#operations.appendLogs(items);
  }

  async createUploads(items: Parameters<AgentOperations['createUploads']>[0]): Promise<UploadsAnswer[]> {
    this.#assertOpen();
    return this.#operations.createUploads(items);
  }

  async finishBuilds(items: Parameters<AgentOperations['finish']>[0]): Promise<ItemAnswer[]> {
    this.#assertOpen();
    return this.#operations.finish(items);
  }

  /** What the worker may say of itself: a lower limit, its version, that it takes no more work. */
  async updateWorker(input: {
    buildLimit?: number | null;
    version?: string | null;
    acceptsWork?: boolean | null;
  }): Promise<{ id: string }> {
    this.#assertOpen();
    const buildLimit = input.buildLimit ?? null;
    if (buildLimit !== null && !(Number.isInteger(buildLimit) && buildLimit > 0)) {
      throw ValidationError.of('buildLimit', buildLimit, 'an integer of at least 1');
    }
    if (input.acceptsWork === false) {
      this.#isReady = false;
      await this.services.stopAcceptingWork(this.id);
    }
    const limit = await this.services.reportWorker({
      workerId: this.workerId,
      sessionId: this.id,
      buildLimit,
      version: typeof input.version === 'string' ? cut(input.version, MAX_VERSION_CHARS) : null,
    });
    this.#buildLimit = limit ?? this.#buildLimit;
    return { id: this.workerId };
  }

  /**
   * The socket is gone. The session and its leases live on until its lease ends or the agent resumes. Never rejects: a
   * row that could not be written is found by the reaper.
   */
  async socketClosed(code: number): Promise<void> {
    if (this.#isClosed) return;
    this.#end();
    try {
      await this.services.socketLost(this.identity, { clean: code === 1000 });
    } catch (error) {
      this.services.logger.warn({ err: error, session: this.id }, 'the loss of a socket was not written');
    }
  }

  /** Closes the socket from the server's side; the row is the caller's matter. */
  close(code: CloseCode, reason: string): void {
    if (this.#isClosed) return;
    this.#end();
    for (const listener of this.#listeners) listener(code, reason);
  }

  /** Ends offers that were not answered in time; called by the dispatcher's sweep. */
  async endOverdueOffers(): Promise<void> {
    const overdue = this.#book.overdue(this.services.clock.monotonic(), this.services.ackMs);
    await Promise.all(overdue.map((offer) => this.#endOffer(offer)));
  }

  #end(): void {
    this.#isClosed = true;
    this.#isReady = false;
    this.#stream.close();
    this.services.directory.remove(this);
  }

  /** Charged only when the frame is known to have arrived: then the silence was the agent's. */
  async #endOffer({ sealed, frameSeq }: Offer): Promise<void> {
    const handled = frameSeq !== null && frameSeq <= this.#lastFrameSeq;
    const buildId = sealed.build.build_id;
    const verdict = await this.services.settler.settle({
      buildId,
      ending: handled ? 'UNACKNOWLEDGED' : 'WITHDRAWN',
      status: handled ? 'UNACKNOWLEDGED' : 'WITHDRAWN',
      error: handled ? 'the agent did not answer the offer in time' : null,
      onlyIf: (facts) => this.#holds(facts) && !facts.accepted,
    });
    if (verdict.kind !== 'REPEATED') this.#book.ended(buildId);
  }

  #holds(facts: BuildFacts): boolean {
    return facts.worker_id === this.workerId && facts.lease_session_id === this.id;
  }

  #assertOpen(): void {
    if (this.#isClosed) throw superseded();
  }

  #reflect(heartbeat: number): void {
    if (!this.#pulse.beat(heartbeat, this.#lastFrameSeq)) {
      this.close(CloseCode.STREAM_NOT_ALIVE, 'beats were not handled');
      throw superseded();
    }
    this.#stream.push({ __typename: 'Beat', heartbeat });
  }
}
