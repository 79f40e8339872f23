import { randomBytes, randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { deferred, type Deferred } from '../../../src/base/deferred.js';
import type { Dispatch, SessionOpened, WorkerSession } from '../../../src/dispatch/index.js';
import { generateKeyPair, sign, thumbprint } from '../../../src/protocol/identity.js';
import { sha256Text } from '../../../src/protocol/hash.js';
import type {
  AcceptAnswer,
  AcceptItem,
  BuildPackage,
  BuildResult,
  ConnectAck,
  ConnectPayload,
  FrameEvent,
  HeartbeatAnswer,
  HeldBuild,
  ItemAnswer,
  LogChunk,
  PackageHead,
  RefusalReason,
  SealContent,
  SessionStatement,
  StepReport,
} from '../../../src/protocol/messages.js';
import { generateSessionKey, openUnsealer, type Unsealer } from '../../../src/protocol/seal.js';
import { acceptBytes, connectBytes } from '../../../src/protocol/signatures.js';
import { only } from './rows.js';
import { ORIGIN } from './world.js';

export interface AgentOptions {
  readonly limit?: number;
  readonly targets?: readonly string[];
  readonly labels?: Record<string, string>;
  readonly trust?: 'trusted_only' | 'untrusted_too';
}

/** What an agent says that it holds when it connects. */
export interface Holding {
  readonly holds?: readonly HeldBuild[];
  readonly clean?: boolean;
}

/** A package as the agent has opened it. */
export interface OpenedPackage {
  readonly buildId: string;
  readonly head: PackageHead;
  readonly headSha256: string;
  readonly content: SealContent;
}

export const SUCCESS: BuildResult = {
  status: 'SUCCESS',
  exitCode: 0,
  failureKind: null,
  error: null,
  outputs: [],
  logs: [],
};
export const FAILURE: BuildResult = {
  ...SUCCESS,
  status: 'FAILURE',
  exitCode: 1,
  failureKind: 'STEP_FAILED',
};

/**
 * The other end of a worker session, with real keys, seals and signatures, without a socket in between: a test says
 * what it does and when.
 */
export class SimulatedAgent {
  readonly keys = generateKeyPair();
  readonly packages: OpenedPackage[] = [];
  readonly events: FrameEvent[] = [];
  bootId: string = randomUUID();
  lastFrameSeq = 0;
  session!: WorkerSession;
  ack!: ConnectAck;
  statement!: SessionStatement;
  closedWith: number | undefined;
  #beats = 0;
  #unsealer!: Unsealer;
  #reading: Promise<void> = Promise.resolve();
  #arrived: Deferred<void> = deferred();
  #taken = 0;

  private constructor(readonly workerId: string) {}

  static async register(pool: Pool, options: AgentOptions): Promise<SimulatedAgent> {
    const workerId = randomUUID();
    const agent = new SimulatedAgent(workerId);
    const trust = options.trust ?? 'trusted_only';
    await pool.query(
      `insert into pools (name, trust) values ($1, $1::text::pool_trust) on conflict do nothing`,
      [trust],
    );
    await pool.query(
      `insert into workers (id, hostname, pool_id, targets, labels, build_limit, identity_key, key_thumbprint)
       select $1, $2, id, $3, $4, $5, $6, $7 from pools where name = $8`,
      [
        workerId,
        `w-${randomBytes(5).toString('hex')}`,
        options.targets ?? ['x86_64-linux'],
        options.labels ?? {},
        options.limit ?? 1,
        Buffer.from(agent.keys.publicKey, 'base64url'),
        thumbprint(agent.keys.publicKey),
        trust,
      ],
    );
    return agent;
  }

  /** Connects, subscribes and reports ready. */
  async connect(dispatch: Dispatch, holding: Holding = {}): Promise<void> {
    await this.open(dispatch, holding);
    this.subscribe();
    await this.session.ready();
  }

  /** Opens a session without listening to it. */
  async open(dispatch: Dispatch, holding: Holding = {}): Promise<void> {
    const opened = await this.tryOpen(dispatch, holding);
    if (opened.kind === 'REFUSED') throw new Error(`refused: ${opened.closeCode} ${opened.reason}`);
  }

  /** The same, giving a refusal back; `tamper` changes the payload after it was signed. */
  async tryOpen(
    dispatch: Dispatch,
    holding: Holding = {},
    tamper: (payload: ConnectPayload) => ConnectPayload = (payload) => payload,
  ): Promise<SessionOpened> {
    const sessionKey = await generateSessionKey();
    const payload = tamper(this.#payload(dispatch, sessionKey.publicKey, holding));
    const opened = await dispatch.openSession(payload);
    if (opened.kind === 'REFUSED') return opened;
    this.session = opened.session;
    this.ack = opened.ack;
    this.statement = JSON.parse(opened.ack.statement) as SessionStatement;
    this.lastFrameSeq = 0;
    this.closedWith = undefined;
    const { enc } = this.statement;
    this.#unsealer = await openUnsealer({ serverOrigin: ORIGIN, worker: this.workerId, sessionKey, enc });
    opened.session.onClose((code) => (this.closedWith = code));
    return opened;
  }

  #payload(dispatch: Dispatch, sessionKey: string, holding: Holding): ConnectPayload {
    const { challenge } = dispatch.issueChallenge(this.workerId);
    const fields = {
      version: 1,
      workerId: this.workerId,
      challenge,
      bootId: this.bootId,
      lastEpoch: 0,
      sessionKey,
      holds: JSON.stringify(holding.holds ?? []),
      clean: holding.clean ?? true,
    };
    const signature = sign(this.keys.privateKey, connectBytes(ORIGIN, fields));
    return { role: 'worker', ...fields, signature };
  }

  /** Reads frames from now on. */
  subscribe(): void {
    const frames = this.session.frames();
    this.#reading = (async () => {
      for await (const frame of frames) {
        for (const event of frame.events) await this.#take(event);
        this.lastFrameSeq = frame.seq;
        this.#arrived.resolve();
        this.#arrived = deferred();
      }
    })();
  }

  /** The next package that was pushed and not asked for yet. */
  async nextPackage(): Promise<OpenedPackage> {
    while (this.packages.length <= this.#taken) await this.#arrived.promise;
    return this.packages[this.#taken++]!;
  }

  /** Whether a package has come that nobody asked for yet. */
  get hasPackage(): boolean {
    return this.packages.length > this.#taken;
  }

  /** Resolves once an event of the kind has come. */
  async nextEvent<K extends FrameEvent['__typename']>(
    kind: K,
  ): Promise<Extract<FrameEvent, { __typename: K }>> {
    for (;;) {
      const index = this.events.findIndex(({ __typename }) => __typename === kind);
      if (index >= 0) return this.events.splice(index, 1)[0] as Extract<FrameEvent, { __typename: K }>;
      await this.#arrived.promise;
    }
  }

  async accept(...packages: readonly OpenedPackage[]): Promise<AcceptAnswer[]> {
    return this.acceptItems(packages.map((opened) => this.acceptItem(opened)));
  }

  acceptItem(opened: OpenedPackage): AcceptItem {
    const { buildId, head, headSha256, content } = opened;
    return { buildId, attempt: head.attempt, nonce: content.nonce, headSha256 };
  }

  async acceptItems(builds: readonly AcceptItem[]): Promise<AcceptAnswer[]> {
    const { session, epoch } = this.statement;
    const bytes = acceptBytes({ serverOrigin: ORIGIN, session, epoch, items: builds });
    return this.session.acceptBuilds({
      workerToken: this.ack.workerToken,
      signature: sign(this.keys.privateKey, bytes),
      builds,
    });
  }

  async finish(opened: OpenedPackage, result: BuildResult = SUCCESS): Promise<ItemAnswer> {
    const { buildId, content } = opened;
    return only(await this.session.finishBuilds([{ buildId, token: content.buildToken, result }]));
  }

  async start({ buildId, content }: OpenedPackage): Promise<ItemAnswer> {
    return only(await this.session.startBuilds([{ buildId, token: content.buildToken }]));
  }

  async report({ buildId, content }: OpenedPackage, ...steps: readonly StepReport[]): Promise<ItemAnswer> {
    return only(await this.session.updateSteps([{ buildId, token: content.buildToken, steps }]));
  }

  /** Sends chunks of step 2 (or another one), the text of each by its sequence number. */
  async log(
    { buildId, content }: OpenedPackage,
    texts: Readonly<Record<number, string>>,
    step = 2,
  ): Promise<ItemAnswer> {
    const chunks: LogChunk[] = Object.entries(texts).map(([seq, text]) => ({
      step,
      seq: Number(seq),
      data: Buffer.from(text).toString('base64'),
    }));
    return only(await this.session.appendLogs([{ buildId, token: content.buildToken, chunks }]));
  }

  async refuse(
    { buildId, head }: OpenedPackage,
    reason: RefusalReason,
    message: string | null = null,
  ): Promise<ItemAnswer> {
    return only(await this.session.refuseBuilds([{ buildId, attempt: head.attempt, reason, message }]));
  }

  /** Takes and accepts the next package, which then runs. */
  async acceptNext(): Promise<OpenedPackage> {
    const opened = await this.nextPackage();
    const [answer] = await this.accept(opened);
    if (answer?.outcome !== 'OK') throw new Error(`accept was answered ${JSON.stringify(answer)}`);
    return opened;
  }

  /** Takes, accepts and finishes the next package. */
  async runNext(result: BuildResult = SUCCESS): Promise<OpenedPackage> {
    const opened = await this.acceptNext();
    await this.finish(opened, result);
    return opened;
  }

  async beat(holds: readonly string[] = []): Promise<HeartbeatAnswer> {
    this.#beats += 1;
    return this.session.heartbeat({
      number: this.#beats,
      lastFrameSeq: this.lastFrameSeq,
      holds,
      freeDiskBytes: 1e12,
      freeMemoryBytes: 1e10,
      load: 0,
    });
  }

  /** The socket breaks, as in a crash of the agent or of the network. */
  async drop(): Promise<void> {
    await this.session.socketClosed(1006);
    await this.#reading;
  }

  async leave(): Promise<void> {
    if (this.session !== undefined) await this.session.socketClosed(1000);
    await this.#reading;
  }

  async #take(event: FrameEvent): Promise<void> {
    if (event.__typename === 'BuildPackage') this.packages.push(await this.#openPackage(event));
    else this.events.push(event);
  }

  async #openPackage(event: BuildPackage): Promise<OpenedPackage> {
    const head = JSON.parse(event.head) as PackageHead;
    const headSha256 = sha256Text(event.head);
    const { session, epoch } = this.statement;
    const { build, attempt, worker, slot } = head;
    const unsealed = await this.#unsealer.open(event, {
      session,
      epoch,
      build,
      attempt,
      worker,
      slot,
      headSha256,
    });
    if (unsealed.outcome === 'refused') throw new Error(`the seal of build ${build} does not open`);
    return { buildId: event.buildId, head, headSha256, content: unsealed.content };
  }
}
