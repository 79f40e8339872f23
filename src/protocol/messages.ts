/**
 * What crosses the wire between a worker's agent and the server, as TypeScript sees it. docs/PROTOCOL.md says the
 * same in prose. Bytes travel as base64url without padding; durations are milliseconds; ids are UUIDs.
 */

/** Version of the whole protocol; a server answers another one with close code 4400. */
export const PROTOCOL_VERSION = 1;

/** How far the agent is with a build that it holds. */
export const HeldPhase = {
  OFFERED: 'OFFERED',
  ACCEPTING: 'ACCEPTING',
  RUNNING: 'RUNNING',
  FINISHING: 'FINISHING',
} as const;
export type HeldPhase = (typeof HeldPhase)[keyof typeof HeldPhase];

/** A build that an agent says it holds when it connects. */
export interface HeldBuild {
  readonly build: string;
  readonly phase: HeldPhase;
}

/** `connection_init` payload of an agent, signed by the worker's identity key (see signatures.ts, `connectBytes`). */
export interface ConnectPayload {
  readonly role: 'worker';
  readonly version: number;
  readonly workerId: string;
  /** The answer of `workerChallenge`, as received. */
  readonly challenge: string;
  /** Random per agent process: the same one resumes, a new one means that the agent restarted. */
  readonly bootId: string;
  /** Epoch of the last session that this worker knows of; 0 for none. */
  readonly lastEpoch: number;
  /** X25519 public key, fresh for each connection. */
  readonly sessionKey: string;
  /** JSON text of `HeldBuild[]`; its exact bytes are signed. */
  readonly holds: string;
  /** True when nothing of an older agent of this worker runs on the machine any more. */
  readonly clean: boolean;
  readonly signature: string;
}

/** What the agent is to do with a build that it holds. */
export const HeldAnswer = {
  /** Not accepted yet: the package comes again in a frame of this session. */
  START: 'START',
  /** Accepted and live: go on, with the next log sequence number of each step. */
  CONTINUE: 'CONTINUE',
  /** Its end is not recorded: send `finishBuilds` again. */
  RESEND: 'RESEND',
  /** Its lease is gone: stop everything of it and report nothing. */
  ABANDON: 'ABANDON',
} as const;
export type HeldAnswer = (typeof HeldAnswer)[keyof typeof HeldAnswer];

export interface HeldBuildAnswer {
  readonly build: string;
  readonly answer: HeldAnswer;
  /** With CONTINUE: step number → next expected log sequence number. */
  readonly nextSeqs?: Readonly<Record<string, number>>;
  /** With CONTINUE: what is left until the hard deadline. */
  readonly hardDeadlineMs?: number;
}

/** Signed by a key of purpose `session`; the text in `ConnectAck.statement`. */
export interface SessionStatement {
  readonly version: number;
  readonly serverOrigin: string;
  readonly workerId: string;
  readonly session: string;
  readonly epoch: number;
  /** HPKE encapsulated key that opens the session's sealing context. */
  readonly enc: string;
  /** sha256 of the agent's `sessionKey` text: the statement answers this very connection. */
  readonly sessionKeySha256: string;
  readonly heartbeatMs: number;
  readonly leaseMs: number;
  readonly buildLimit: number;
  readonly holds: readonly HeldBuildAnswer[];
}

/** What keys are for; a key has exactly one purpose. */
export const KeyPurpose = {
  WORKER_TOKEN: 'worker-token',
  BUILD_TOKEN: 'build-token',
  OFFER: 'offer',
  SESSION: 'session',
} as const;
export type KeyPurpose = (typeof KeyPurpose)[keyof typeof KeyPurpose];

/** Text of `SignedKeySet.document`. Versions only grow. */
export interface KeySetDocument {
  readonly version: number;
  readonly keys: readonly {
    readonly kid: string;
    readonly purpose: KeyPurpose;
    /** Ed25519 public key, 32 bytes. */
    readonly publicKey: string;
    /** ISO 8601. */
    readonly notAfter: string;
  }[];
}

/** A key set signed by the root key that workers pin at enrolment. */
export interface SignedKeySet {
  readonly document: string;
  readonly signature: string;
}

/** `connection_ack` payload for an agent. */
export interface ConnectAck {
  /** JSON text of {@link SessionStatement}. */
  readonly statement: string;
  readonly kid: string;
  readonly signature: string;
  readonly keySet: SignedKeySet;
  readonly workerToken: string;
  readonly workerTokenLifeMs: number;
}

/** Text of `BuildPackage.head`: everything about a build that is not secret; the same for the life of the build. */
export interface PackageHead {
  readonly version: number;
  readonly build: string;
  readonly job: string;
  readonly attempt: number;
  readonly worker: string;
  readonly slot: number;
  readonly repo: string;
  readonly project: string;
  readonly number: number;
  readonly target: string;
  readonly event: string;
  readonly branch: string | null;
  /** A `CompiledPipeline` of src/pipeline. */
  readonly pipeline: unknown;
  readonly checkout: { readonly url: string; readonly ref: string | null; readonly commit: string };
  readonly deadlines: { readonly prepareMs: number; readonly runMs: number; readonly cancelGraceMs: number };
  readonly traceparent: string | null;
}

/** A secret's value, and the only steps that may have it. */
export interface SealedSecret {
  /** As the pipeline calls it. */
  readonly name: string;
  readonly value: string;
  /** Numbers of compiled steps, from 1. */
  readonly steps: readonly number[];
}

/** A secret that a step asked for and does not get; said in the step's log, never silently absent. */
export interface SecretRefusal {
  readonly name: string;
  readonly step: number;
  readonly reason: string;
}

/** What the clone, and nothing but the clone, shows to the git server. */
export type CloneCredential =
  | { readonly kind: 'HTTPS_TOKEN'; readonly username: string; readonly token: string }
  | { readonly kind: 'SSH_KEY'; readonly privateKey: string; readonly knownHosts: string };

/** What the seal of a package hides until the right worker opens it. */
export interface SealContent {
  readonly buildToken: string;
  /** Random; spent in the accept to prove that the seal was opened. */
  readonly nonce: string;
  readonly secrets: readonly SealedSecret[];
  readonly refusedSecrets: readonly SecretRefusal[];
  readonly credential: CloneCredential | null;
}

export interface BuildPackage {
  readonly __typename: 'BuildPackage';
  readonly buildId: string;
  readonly head: string;
  readonly sealId: string;
  readonly seal: string;
}

export interface CancelBuild {
  readonly __typename: 'CancelBuild';
  readonly buildId: string;
  readonly reason: string;
  readonly graceMs: number;
}

/** Reflection of a heartbeat through the stream that carries the work. */
export interface Beat {
  readonly __typename: 'Beat';
  readonly heartbeat: number;
}

/** No more work comes on this session; reason for people. */
export interface Drain {
  readonly __typename: 'Drain';
  readonly reason: string;
}

export type FrameEvent = BuildPackage | CancelBuild | Beat | Drain;

/** One message of the `buildPackages` subscription. `seq` grows by one within a session, from 1. */
export interface Frame {
  readonly seq: number;
  readonly events: readonly FrameEvent[];
  /** Key and signature over the packages of the frame (signatures.ts, `offerBytes`); null without packages. */
  readonly kid: string | null;
  readonly signature: string | null;
}

/** One accepted offer: fields as signed by the identity key (signatures.ts, `acceptBytes`). */
export interface AcceptItem {
  readonly buildId: string;
  readonly attempt: number;
  readonly nonce: string;
  readonly headSha256: string;
}

/** Fate of one item of a list operation; the others of the list are untouched by it. */
export const ItemOutcome = {
  OK: 'OK',
  /** Only of `acceptBuilds`: the job was canceled meanwhile. Forget the build and report nothing. */
  CANCELED: 'CANCELED',
  /** The build's row says that it is over or another's; `status` has its state. */
  STALE_BUILD: 'STALE_BUILD',
  /** Token, nonce or signature is not good for this. */
  FORBIDDEN: 'FORBIDDEN',
  /** Something in the item cannot be stored or is out of range. */
  INVALID: 'INVALID',
} as const;
export type ItemOutcome = (typeof ItemOutcome)[keyof typeof ItemOutcome];

export interface ItemAnswer {
  readonly buildId: string;
  readonly outcome: ItemOutcome;
  readonly status: string | null;
  readonly message: string | null;
}

export interface AcceptAnswer extends ItemAnswer {
  /** With OK: what is left until the server ends the build. */
  readonly hardDeadlineMs: number | null;
}

export interface UploadsAnswer extends ItemAnswer {
  /** With OK: in the order of the files. */
  readonly uploadIds: readonly string[] | null;
}

/** Why an offer is refused by the agent. */
export const RefusalReason = {
  NO_SPACE: 'NO_SPACE',
  INCAPABLE: 'INCAPABLE',
  BUSY: 'BUSY',
  DRAINING: 'DRAINING',
} as const;
export type RefusalReason = (typeof RefusalReason)[keyof typeof RefusalReason];

/** State of one step of a build. */
export const StepStatus = {
  PENDING: 'PENDING',
  RUNNING: 'RUNNING',
  SUCCESS: 'SUCCESS',
  FAILURE: 'FAILURE',
  ERROR: 'ERROR',
  KILLED: 'KILLED',
  CANCELED: 'CANCELED',
  SKIPPED: 'SKIPPED',
} as const;
export type StepStatus = (typeof StepStatus)[keyof typeof StepStatus];

export interface StepReport {
  /** 0 = init, 1 = clone, n + 1 = the pipeline's step n. */
  readonly number: number;
  readonly name: string;
  readonly status: StepStatus;
  readonly exitCode: number | null;
  readonly error: string | null;
  /** How long it has run so far; null before its start. The server derives its times from it and its own clock. */
  readonly elapsedMs: number | null;
}

/** Bytes of a step's log. `seq` counts chunks of the step from 0 without a gap; a chunk may come twice. */
export interface LogChunk {
  readonly step: number;
  readonly seq: number;
  /** base64 (standard alphabet). */
  readonly data: string;
}

/** How a build ended, as its agent says. */
export const ResultStatus = {
  SUCCESS: 'SUCCESS',
  FAILURE: 'FAILURE',
  ERROR: 'ERROR',
  KILLED: 'KILLED',
  CANCELED: 'CANCELED',
} as const;
export type ResultStatus = (typeof ResultStatus)[keyof typeof ResultStatus];

/** A `name=value` line of a step. */
export interface BuildOutput {
  readonly name: string;
  readonly value: string;
}

export interface BuildResult {
  readonly status: ResultStatus;
  readonly exitCode: number | null;
  /** STEP_FAILED, STEP_TIMEOUT, CLONE_FAILED, TIMEOUT, AGENT_STOPPED, EXECUTOR_ERROR, CANCELED; null with SUCCESS. */
  readonly failureKind: string | null;
  readonly error: string | null;
  /** What the steps wrote to `$SLIPWAY_OUTPUTS`; `package_ident` names what was built. */
  readonly outputs: readonly BuildOutput[];
  /** Per step the last sequence number sent (-1: none) and how many bytes its log has. */
  readonly logs: readonly { readonly step: number; readonly lastSeq: number; readonly bytes: number }[];
}

export interface HeartbeatInput {
  /** Counts the heartbeats of a session from 1; comes back as a {@link Beat}. */
  readonly number: number;
  /** `seq` of the last frame that the agent has handled; 0 for none. */
  readonly lastFrameSeq: number;
  readonly holds: readonly string[];
  readonly freeDiskBytes: number;
  readonly freeMemoryBytes: number;
  readonly load: number;
}

export interface HeartbeatAnswer {
  readonly leaseMs: number;
  /** Builds held by the agent for which no lease is live: stop them. */
  readonly abandon: readonly string[];
  /** A fresh worker token when the current one is past half of its life. */
  readonly workerToken: string | null;
}
