import { randomBytes, randomUUID } from 'node:crypto';
import { deferred } from '../../../src/base/deferred.js';
import { sha256Text } from '../../../src/protocol/hash.js';
import type {
  BuildPackage,
  ConnectAck,
  ConnectPayload,
  Frame,
  FrameEvent,
  HeldBuild,
  HeldBuildAnswer,
  PackageHead,
  SealContent,
  SessionStatement,
} from '../../../src/protocol/messages.js';
import { openSealer, type Sealer } from '../../../src/protocol/seal.js';
import { offerBytes, sessionStatementBytes } from '../../../src/protocol/signatures.js';
import type { PeerKeys } from './peer-keys.js';

/** How a peer's sessions are; the defaults are quick. */
export interface PeerTimes {
  readonly heartbeatMs: number;
  readonly leaseMs: number;
  readonly buildLimit: number;
}

/** What a session is made of, next to what the agent sent. */
export interface PeerSessionOptions {
  readonly origin: string;
  readonly keys: PeerKeys;
  readonly epoch: number;
  readonly times: PeerTimes;
  readonly answers: readonly HeldBuildAnswer[];
  readonly close: (code: number, reason: string) => void;
}

/** The server's side of one session. */
export class PeerSession {
  readonly id = randomUUID();
  /** Resolves when the agent says that it is ready. */
  readonly ready = deferred<void>();
  readonly nonces = new Map<string, string>();
  readonly #options: PeerSessionOptions;
  readonly #sealer: Sealer;
  readonly #frames: Frame[] = [];
  #wake = deferred<void>();
  #seq = 0;
  #isOver = false;

  private constructor(
    readonly payload: ConnectPayload,
    sealer: Sealer,
    options: PeerSessionOptions,
  ) {
    this.#sealer = sealer;
    this.#options = options;
  }

  static async open(payload: ConnectPayload, options: PeerSessionOptions): Promise<PeerSession> {
    const { sessionKey, workerId } = payload;
    const sealer = await openSealer({ serverOrigin: options.origin, worker: workerId, sessionKey });
    return new PeerSession(payload, sealer, options);
  }

  get holds(): readonly HeldBuild[] {
    return JSON.parse(this.payload.holds) as HeldBuild[];
  }

  get epoch(): number {
    return this.#options.epoch;
  }

  /** The acknowledgement; `change` falsifies the statement before it is signed. */
  acknowledge(change: Partial<SessionStatement> = {}): ConnectAck {
    const { origin, keys, times, epoch, answers } = this.#options;
    const statement = JSON.stringify({
      version: 1,
      serverOrigin: origin,
      workerId: this.payload.workerId,
      session: this.id,
      epoch,
      enc: this.#sealer.enc,
      sessionKeySha256: sha256Text(this.payload.sessionKey),
      ...times,
      holds: answers,
      ...change,
    });
    const signed = keys.sign(keys.session, sessionStatementBytes(statement));
    return {
      statement,
      ...signed,
      keySet: keys.signedSet,
      workerToken: 'worker-token',
      workerTokenLifeMs: 900_000,
    };
  }

  /** Seals a package for this session; `rest` is what its seal holds besides token and nonce. */
  async seal(head: PackageHead, rest: Partial<SealContent> = {}): Promise<BuildPackage> {
    const text = JSON.stringify(head);
    const nonce = randomBytes(16).toString('base64url');
    this.nonces.set(head.build, nonce);
    const { build, attempt, worker, slot } = head;
    const binding = {
      session: this.id,
      epoch: this.epoch,
      build,
      attempt,
      worker,
      slot,
      headSha256: sha256Text(text),
    };
    const content = {
      buildToken: `token of ${build}`,
      nonce,
      secrets: [],
      refusedSecrets: [],
      credential: null,
      ...rest,
    };
    return {
      __typename: 'BuildPackage',
      buildId: build,
      head: text,
      ...(await this.#sealer.seal(content, binding)),
    };
  }

  /** Sends events in one frame, signed as they should be; `change` falsifies the frame afterwards. */
  push(events: readonly FrameEvent[], change: Partial<Frame> = {}): void {
    const packages = events.filter((event) => event.__typename === 'BuildPackage');
    const { origin, keys, epoch } = this.#options;
    this.#seq += 1;
    const fields = { serverOrigin: origin, worker: this.payload.workerId, session: this.id, epoch };
    const signed =
      packages.length === 0
        ? { kid: null, signature: null }
        : keys.sign(keys.offer, offerBytes({ ...fields, frameSeq: this.#seq, packages }));
    this.#frames.push({ seq: this.#seq, events, ...signed, ...change });
    this.#wake.resolve();
  }

  async *frames(): AsyncGenerator<{ buildPackages: Frame }> {
    while (!this.#isOver) {
      for (const frame of this.#frames.splice(0)) yield { buildPackages: frame };
      await this.#wake.promise;
      this.#wake = deferred();
    }
  }

  /** The server ends the session. */
  close(code: number, reason = 'by the test'): void {
    this.over();
    this.#options.close(code, reason);
  }

  /** Nobody listens any more. */
  over(): void {
    this.#isOver = true;
    this.#wake.resolve();
  }
}
