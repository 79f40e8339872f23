import type { Pool } from 'pg';
import type { BackoffPolicy } from '../base/backoff.js';
import type { Clock } from '../base/clock.js';
import type { Logger } from '../base/logger.js';
import type { Hints } from '../database/hints.js';
import { HotConnection } from '../database/hot-connection.js';
import type { PlannedGroup } from '../groups/group-plan.js';
import type { CloseCode } from '../protocol/close-codes.js';
import type { ConnectAck, ConnectPayload } from '../protocol/messages.js';
import { offerBytes } from '../protocol/signatures.js';
import { CredentialReader } from '../repos/index.js';
import { SecretReader } from '../secrets/index.js';
import {
  KnownTokens,
  makeChallenge,
  TokenIssuer,
  TokenVerifier,
  type MasterKeys,
  type ServerKeys,
  type TokenContext,
} from '../tokens/index.js';
import {
  closeSession,
  lockOpenSession,
  markReady,
  noteCheckIn,
  reportWorker,
  stopAcceptingWork,
} from '../workers/index.js';
import { Accepter } from './accepter.js';
import { Admission, type AdmitOutcome } from './admission.js';
import { acknowledgeCancels } from './cancel.queries.js';
import type { LogCaps } from './append-logs.queries.js';
import { Canceler, type CancelOutcome } from './canceler.js';
import { ClaimKeeper } from './claim-keeper.js';
import { Dispatcher } from './dispatcher.js';
import { Heartbeats } from './heartbeats.js';
import { LaneDirectory } from './lane-directory.js';
import { NodePlacing } from './node-placing.js';
import { PackageMaker, type BuildDeadlines } from './packages.js';
import { Prioritiser, type PriorityOutcome } from './prioritiser.js';
import { QueueReader } from './queue-reader.js';
import { LeaseReaper } from './reaper.js';
import { Reporter } from './reporter.js';
import { findWorkerLeases } from './resume.queries.js';
import { SessionDirectory } from './session-directory.js';
import { SessionOpening } from './session-opening.js';
import type { SessionIdentity, SessionServices } from './session-services.js';
import { Settler } from './settler.js';
import { announceUploads, type ArtifactLimits } from '../artifacts/index.js';
import { refreshWorkerStatus } from './worker-status.queries.js';
import { Superseder } from './superseder.js';
import { WorkerSession } from './worker-session.js';

export interface DispatchOptions {
  readonly databaseUrl: string;
  /** For what is not hot: lanes that are made. */
  readonly pool: Pool;
  readonly hints: Hints;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly keys: () => ServerKeys;
  readonly masterKeys: MasterKeys;
  /** Id of this process among its replicas; fresh for each start. */
  readonly replicaId: string;
  readonly origins: () => readonly string[];
  readonly leaseMs: number;
  readonly heartbeatMs: number;
  /** How long a silent replica's sessions may take to resume elsewhere. */
  readonly orphanMs: number;
  readonly ackMs: number;
  readonly cancelDeadlineMs: number;
  readonly deadlines: BuildDeadlines;
  readonly backoff: BackoffPolicy;
  /** What builds may leave. */
  readonly artifactLimits: ArtifactLimits;
  /** What is stored of logs. */
  readonly logCaps: LogCaps;
  /** Waiting time that counts as much as one priority. */
  readonly agingMs: number;
  /** Floor of every loop here. */
  readonly sweepMs: number;
}

export type SessionOpened =
  | { readonly kind: 'OPENED'; readonly session: WorkerSession; readonly ack: ConnectAck }
  | { readonly kind: 'REFUSED'; readonly closeCode: CloseCode; readonly reason: string };

/** Jobs of one claim, and packages of one frame. */
const MAX_CLAIM = 200;
const MAX_PACKAGES_PER_FRAME = 50;

/** The dispatching half of a server: one per process, with its own connections, so that leases wait behind nothing. */
export class Dispatch {
  readonly #connections: HotConnection[] = [];
  readonly #directory = new SessionDirectory();
  readonly #sessions: HotConnection;
  readonly #admission: Admission;
  readonly #canceler: Canceler;
  readonly #dispatcher: Dispatcher;
  readonly #reaper: LeaseReaper;
  readonly #opening: SessionOpening;
  readonly #services: SessionServices;
  readonly #settler: Settler;
  readonly #prioritiser: Prioritiser;
  /** For people who ask for their place. */
  readonly queue: QueueReader;

  constructor(private readonly options: DispatchOptions) {
    const { hints, keys, clock } = options;
    const tokens: TokenContext = {
      keys,
      clock,
      knownWorkerTokens: new KnownTokens(),
      knownBuildTokens: new KnownTokens(),
    };
    const issuer = new TokenIssuer(tokens);
    this.#sessions = this.#connect('sessions');
    this.#settler = new Settler({ ...options, connection: this.#connect('settle') });
    this.#canceler = new Canceler({
      connection: this.#connect('cancel'),
      hints,
      deadlineMs: options.cancelDeadlineMs,
    });
    const lanes = new LaneDirectory(options.pool);
    const moves = this.#connect('queue');
    this.queue = new QueueReader({ ...options, db: options.pool });
    this.#prioritiser = new Prioritiser({ ...options, connection: moves, db: options.pool, lanes });
    const superseder = new Superseder({
      connection: moves,
      canceler: this.#canceler,
      logger: options.logger,
    });
    const sealing = { connection: this.#connect('secrets'), masterKeys: options.masterKeys };
    this.#dispatcher = new Dispatcher({
      ...options,
      connection: this.#connect('claim'),
      directory: this.#directory,
      keeper: new ClaimKeeper({ ...options, connection: this.#connect('lanes') }),
      settler: this.#settler,
      packages: new PackageMaker({
        issuer,
        nonceKey: () => keys().challengeKey,
        deadlines: options.deadlines,
        secrets: new SecretReader(sealing),
        credentials: new CredentialReader(sealing),
        logger: options.logger,
      }),
      intervalMs: options.sweepMs,
      maxClaim: MAX_CLAIM,
    });
    this.#admission = new Admission({
      connection: this.#connect('admit'),
      nodes: new NodePlacing({ db: options.pool, lanes }),
      match: this.#dispatcher,
      superseder,
      hints,
      agingMs: options.agingMs,
    });
    this.#reaper = new LeaseReaper({
      ...options,
      connection: this.#connect('reaper'),
      settler: this.#settler,
      canceler: this.#canceler,
      superseder,
      intervalMs: options.sweepMs,
    });
    this.#opening = new SessionOpening({
      ...options,
      connection: this.#sessions,
      issuer,
      held: { connection: this.#sessions, settler: this.#settler },
    });
    this.#services = this.#sessionServices(issuer, new TokenVerifier(tokens));
  }

  async start(): Promise<void> {
    await this.#reaper.start();
    this.#dispatcher.start();
  }

  /** One bounded round of every loop, now: all that is due is found by its row, without any hint. */
  async sweep(): Promise<void> {
    await this.#reaper.runOnce();
    await this.#dispatcher.attendOnce();
    await this.#dispatcher.claimOnce();
  }

  /** Ends the loops and closes the connections. Sessions stay open in the database, for their agents to resume. */
  async stop(): Promise<void> {
    await this.#dispatcher.stop();
    await this.#reaper.stop();
    await Promise.all(this.#connections.map((connection) => connection.close()));
  }

  /** Turns the groups of one change into rows, and the change PLANNED. */
  admitGroups(groups: readonly PlannedGroup[]): Promise<readonly AdmitOutcome[]> {
    return this.#admission.admit(groups);
  }

  /** Gives a waiting job another priority. */
  setJobPriority(jobId: string, priority: number): Promise<PriorityOutcome> {
    return this.#prioritiser.setPriority(jobId, priority);
  }

  cancelJob(jobId: string, reason: string): Promise<CancelOutcome> {
    return this.#canceler.cancel(jobId, reason);
  }

  /** A challenge for whoever says to be this worker; the same kind of answer for unknown ones. */
  issueChallenge(workerId: string): { challenge: string; expiresInMs: number } {
    const { keys, clock } = this.options;
    return makeChallenge({ key: keys().challengeKey, workerId, nowMs: clock.now() });
  }

  /** Opens the session that a `connection_init` asks for. */
  async openSession(payload: ConnectPayload): Promise<SessionOpened> {
    const opening = await this.#opening.open(payload);
    if (opening.kind === 'REFUSED') return opening;
    this.#directory.ofWorker(opening.identity.workerId)?.close(4410, 'another session has replaced this one');
    const session = new WorkerSession(opening.identity, this.#services);
    session.adopt(opening.running);
    this.#directory.add(session);
    await this.#dispatcher.offerAgain(session, opening.offered);
    return { kind: 'OPENED', session, ack: opening.ack };
  }

  #connect(name: string): HotConnection {
    const connection = new HotConnection({
      url: this.options.databaseUrl,
      name,
      logger: this.options.logger,
    });
    this.#connections.push(connection);
    return connection;
  }

  #sessionServices(issuer: TokenIssuer, verifier: TokenVerifier): SessionServices {
    const { hints, keys, clock, logger, leaseMs, ackMs, deadlines, logCaps } = this.options;
    const sessions = this.#sessions;
    return {
      accepter: new Accepter({ connection: this.#connect('accept'), hints, prepareMs: deadlines.prepareMs }),
      settler: this.#settler,
      reporter: new Reporter({
        reports: this.#connect('reports'),
        logs: this.#connect('logs'),
        hints,
        logCaps,
      }),
      heartbeats: new Heartbeats({ connection: this.#connect('heartbeats'), leaseMs }),
      directory: this.#directory,
      issuer,
      verifier,
      clock,
      logger,
      leaseMs,
      ackMs,
      cancelGraceMs: deadlines.cancelGraceMs,
      maxPackagesPerFrame: MAX_PACKAGES_PER_FRAME,
      signOffer: (identity, frameSeq, packages) => {
        const { workerId: worker, session, epoch, serverOrigin } = identity;
        return keys().signOffer(offerBytes({ serverOrigin, worker, session, epoch, frameSeq, packages }));
      },
      markReady: (sessionId) => sessions.transaction((tx) => markReady(tx, sessionId, true)),
      stopAcceptingWork: (sessionId) => sessions.transaction((tx) => stopAcceptingWork(tx, sessionId)),
      acknowledgeCancels: async (buildIds) => {
        if (buildIds.length > 0) await sessions.transaction((tx) => acknowledgeCancels(tx, buildIds));
      },
      announceUploads: (announcement) =>
        announceUploads(this.options.pool, announcement, this.options.artifactLimits),
      reportWorker: (report) =>
        sessions.transaction(async (tx) => {
          const limit = await reportWorker(tx, report);
          await refreshWorkerStatus(tx, [report.workerId]);
          return limit;
        }),
      socketLost: (identity, how) => this.#socketLost(identity, how),
      loseForgotten: (session, buildId) => this.#loseForgotten(session, buildId),
      slotsFreed: () => this.#dispatcher.wake(),
    };
  }

  /** A session whose agent said goodbye and holds nothing is over; any other one waits for its agent to come back. */
  async #socketLost({ session, workerId }: SessionIdentity, { clean }: { clean: boolean }): Promise<void> {
    await this.#sessions.transaction(async (tx) => {
      await lockOpenSession(tx, session);
      const leases = clean ? await findWorkerLeases(tx, workerId) : [];
      if (clean && leases.every(({ session_id }) => session_id !== session)) {
        await closeSession(tx, session, 'the agent has stopped');
        await noteCheckIn(tx, workerId, null);
        await refreshWorkerStatus(tx, [workerId]);
      } else {
        await stopAcceptingWork(tx, session);
      }
    });
    this.options.hints.publish('worker.updated', { worker: workerId });
  }

  #loseForgotten(session: WorkerSession, buildId: string): void {
    const lost = this.#settler.settle({
      buildId,
      ending: 'LOST',
      status: 'LOST',
      failureKind: 'FORGOTTEN',
      error: 'the agent does not hold the build any more',
      onlyIf: (facts) => facts.lease_session_id === session.id,
    });
    lost.catch((error: unknown) =>
      this.options.logger.error({ err: error, build: buildId }, 'a forgotten build stays'),
    );
  }
}
