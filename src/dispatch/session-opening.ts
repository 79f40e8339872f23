import type { Clock } from '../base/clock.js';
import { ValidationError } from '../base/errors.js';
import type { Logger } from '../base/logger.js';
import { isStorable } from '../base/text.js';
import type { HotConnection, Transaction } from '../database/hot-connection.js';
import { CloseCode } from '../protocol/close-codes.js';
import { toBase64url } from '../protocol/encoding.js';
import { sha256Text } from '../protocol/hash.js';
import { verify } from '../protocol/identity.js';
import {
  PROTOCOL_VERSION,
  type ConnectAck,
  type ConnectPayload,
  type HeldBuild,
  type HeldBuildAnswer,
  type SessionStatement,
} from '../protocol/messages.js';
import { openSealer, type Sealer } from '../protocol/seal.js';
import { connectBytes, sessionStatementBytes } from '../protocol/signatures.js';
import { challengeNonce, WORKER_TOKEN_LIFE_MS, type ServerKeys, type TokenIssuer } from '../tokens/index.js';
import {
  findWorker,
  lockWorker,
  noteCheckIn,
  replaceSession,
  useNonce,
  type WorkerRow,
} from '../workers/index.js';
import { isBuildId } from './agent-reports.js';
import { parseHolds } from './held-builds.js';
import { settleHeldBuilds, type HeldBuildsServices } from './resume.js';
import type { SessionIdentity } from './session-services.js';
import { refreshWorkerStatus } from './worker-status.queries.js';

/** What came of an attempt to open a session. */
export type Opening =
  | {
      readonly kind: 'OPENED';
      readonly identity: SessionIdentity;
      readonly ack: ConnectAck;
      /** Builds that run already, and offers that are to be pushed again. */
      readonly running: readonly string[];
      readonly offered: readonly string[];
    }
  | { readonly kind: 'REFUSED'; readonly closeCode: CloseCode; readonly reason: string };

export interface SessionOpeningOptions {
  readonly connection: HotConnection;
  readonly keys: () => ServerKeys;
  readonly issuer: TokenIssuer;
  readonly held: HeldBuildsServices;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly replicaId: string;
  /** Origins by which agents may know this server; a proof made for another one is not for us. */
  readonly origins: () => readonly string[];
  readonly heartbeatMs: number;
  readonly leaseMs: number;
}

/** A proof that is in order. */
interface Proof {
  readonly worker: WorkerRow;
  readonly serverOrigin: string;
  readonly nonce: { readonly bytes: Uint8Array; readonly expiresAt: Date };
  readonly holds: readonly HeldBuild[];
  readonly sealer: Sealer;
}

const MAX_BOOT_ID_CHARS = 200;

class Refused extends Error {
  constructor(
    readonly closeCode: CloseCode,
    message: string,
  ) {
    super(message);
  }
}

/**
 * Opens sessions: checks the worker's proof, supersedes its older session, and says of each build that the agent holds
 * what is to become of it. Two transactions: the sessions first, their leases after, so that the lock order holds.
 */
export class SessionOpening {
  constructor(private readonly options: SessionOpeningOptions) {}

  async open(payload: ConnectPayload): Promise<Opening> {
    try {
      return await this.#open(payload);
    } catch (error) {
      if (error instanceof ValidationError) {
        return { kind: 'REFUSED', closeCode: CloseCode.BAD_REQUEST, reason: error.message };
      }
      if (!(error instanceof Refused)) throw error;
      this.options.logger.warn({ worker: payload.workerId, reason: error.message }, 'session refused');
      return { kind: 'REFUSED', closeCode: error.closeCode, reason: error.message };
    }
  }

  async #open(payload: ConnectPayload): Promise<Opening> {
    const proof = await this.#prove(payload);
    const { worker, serverOrigin, sealer } = proof;
    const session = await this.#replace(payload, proof);
    const identity: SessionIdentity = {
      session: session.id,
      epoch: session.epoch,
      workerId: worker.id,
      hostname: worker.hostname,
      bootId: payload.bootId,
      identityKey: toBase64url(worker.identity_key),
      thumbprint: worker.key_thumbprint,
      serverOrigin,
      sealer,
      workerClass: { poolId: worker.pool_id, targets: worker.targets, labels: worker.labels },
      buildLimit: worker.build_limit,
    };
    const { answers, running, offered } = await settleHeldBuilds(this.options.held, {
      identity,
      holds: proof.holds,
      clean: payload.clean,
    });
    return {
      kind: 'OPENED',
      identity,
      running,
      offered,
      ack: await this.#acknowledge(payload, identity, answers),
    };
  }

  async #prove(payload: ConnectPayload): Promise<Proof> {
    if (payload.version !== PROTOCOL_VERSION) {
      throw new Refused(
        CloseCode.BAD_REQUEST,
        `protocol version ${payload.version}, expected ${PROTOCOL_VERSION}`,
      );
    }
    const { workerId, bootId } = payload;
    if (bootId.length > MAX_BOOT_ID_CHARS || !isStorable(bootId))
      throw ValidationError.of(
        'bootId',
        bootId,
        `at most ${MAX_BOOT_ID_CHARS} characters that can be stored`,
      );
    const challenge = challengeNonce(payload.challenge, {
      key: this.options.keys().challengeKey,
      workerId,
      nowMs: this.options.clock.now(),
    });
    if (challenge.outcome === 'rejected')
      throw new Refused(CloseCode.UNAUTHORIZED, `challenge ${challenge.reason}`);
    const holds = parseHolds(payload.holds);
    const worker = isBuildId(workerId) ? await this.#find(workerId) : undefined;
    const serverOrigin = worker && this.#originOf(payload, worker);
    // One answer for an unknown worker and for a bad proof: who asks does not learn which workers there are.
    if (worker === undefined || serverOrigin === undefined)
      throw new Refused(CloseCode.FORBIDDEN, 'the proof is not good');
    if (worker.revoked) throw new Refused(CloseCode.REVOKED, 'the worker was revoked');
    const sealer = await openSealer({ serverOrigin, worker: worker.id, sessionKey: payload.sessionKey });
    return {
      worker,
      serverOrigin,
      holds,
      sealer,
      nonce: { bytes: challenge.nonce, expiresAt: challenge.expiresAt },
    };
  }

  #find(workerId: string): Promise<WorkerRow | undefined> {
    return this.options.connection.transaction((transaction) => findWorker(transaction, workerId));
  }

  #originOf({ role: _, signature, ...fields }: ConnectPayload, worker: WorkerRow): string | undefined {
    const key = toBase64url(worker.identity_key);
    return this.options.origins().find((origin) => verify(key, connectBytes(origin, fields), signature));
  }

  #replace(payload: ConnectPayload, proof: Proof): Promise<{ id: string; epoch: number }> {
    const { replicaId, leaseMs } = this.options;
    const { workerId, bootId } = payload;
    return this.options.connection.transaction(async (transaction: Transaction) => {
      const worker = await lockWorker(transaction, workerId);
      if (worker === undefined || worker.revoked)
        throw new Refused(CloseCode.REVOKED, 'the worker was revoked');
      if (!(await useNonce(transaction, proof.nonce.bytes, proof.nonce.expiresAt))) {
        throw new Refused(CloseCode.FORBIDDEN, 'the challenge was answered before');
      }
      const { session } = await replaceSession(transaction, { workerId, replicaId, bootId, leaseMs });
      await noteCheckIn(transaction, workerId, null);
      await refreshWorkerStatus(transaction, [workerId]);
      return session;
    });
  }

  async #acknowledge(
    payload: ConnectPayload,
    identity: SessionIdentity,
    holds: readonly HeldBuildAnswer[],
  ): Promise<ConnectAck> {
    const { session, epoch, workerId, thumbprint, serverOrigin, sealer, buildLimit } = identity;
    const keys = this.options.keys();
    const content: SessionStatement = {
      version: PROTOCOL_VERSION,
      serverOrigin,
      workerId,
      session,
      epoch,
      enc: sealer.enc,
      sessionKeySha256: sha256Text(payload.sessionKey),
      heartbeatMs: this.options.heartbeatMs,
      leaseMs: this.options.leaseMs,
      buildLimit,
      holds,
    };
    const statement = JSON.stringify(content);
    const { token } = await this.options.issuer.issueWorkerToken({ workerId, thumbprint, session, epoch });
    return {
      statement,
      ...keys.signSession(sessionStatementBytes(statement)),
      keySet: keys.keySet,
      workerToken: token,
      workerTokenLifeMs: WORKER_TOKEN_LIFE_MS,
    };
  }
}
