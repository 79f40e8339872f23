import type { Announcement, AnnouncementOutcome } from '../artifacts/index.js';
import type { Clock } from '../base/clock.js';
import type { Logger } from '../base/logger.js';
import type { BuildPackage } from '../protocol/messages.js';
import type { Sealer } from '../protocol/seal.js';
import type { KeyedSignature, TokenIssuer, TokenVerifier } from '../tokens/index.js';
import type { Accepter } from './accepter.js';
import type { Heartbeats } from './heartbeats.js';
import type { Reporter } from './reporter.js';
import type { SessionDirectory } from './session-directory.js';
import type { Settler } from './settler.js';
import type { WorkerClass } from './worker-class.js';
import type { WorkerSession } from './worker-session.js';

/** Who is at the other end of a session, as its opening proved. */
export interface SessionIdentity {
  readonly session: string;
  readonly epoch: number;
  readonly workerId: string;
  readonly hostname: string;
  readonly bootId: string;
  /** Ed25519 public key, base64url. */
  readonly identityKey: string;
  readonly thumbprint: string;
  /** The configured origin that the agent has connected to. */
  readonly serverOrigin: string;
  readonly sealer: Sealer;
  readonly workerClass: WorkerClass;
  readonly buildLimit: number;
}

/** What all sessions of a replica share. */
export interface SessionServices {
  readonly accepter: Accepter;
  readonly settler: Settler;
  readonly reporter: Reporter;
  readonly heartbeats: Heartbeats;
  readonly directory: SessionDirectory;
  readonly issuer: TokenIssuer;
  readonly verifier: TokenVerifier;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly leaseMs: number;
  readonly ackMs: number;
  readonly cancelGraceMs: number;
  readonly maxPackagesPerFrame: number;
  signOffer(identity: SessionIdentity, frameSeq: number, packages: readonly BuildPackage[]): KeyedSignature;
  markReady(sessionId: string): Promise<boolean>;
  stopAcceptingWork(sessionId: string): Promise<void>;
  acknowledgeCancels(buildIds: readonly string[]): Promise<void>;
  announceUploads(announcement: Announcement): Promise<AnnouncementOutcome>;
  reportWorker(report: {
    workerId: string;
    sessionId: string;
    buildLimit: number | null;
    version: string | null;
  }): Promise<number | undefined>;
  /** The socket of a session is gone; `clean` when the agent said goodbye. */
  socketLost(identity: SessionIdentity, how: { clean: boolean }): Promise<void>;
  /** Ends a build that its agent has forgotten. */
  loseForgotten(session: WorkerSession, buildId: string): void;
  /** Slots for these targets may be free now. */
  slotsFreed(targets: readonly string[]): void;
}
