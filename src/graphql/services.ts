import type { CreateChangeInput, RebuildInput } from '../changes/index.js';
import type {
  AcceptAnswer,
  ConnectAck,
  ConnectPayload,
  Frame,
  HeartbeatAnswer,
  HeartbeatInput,
  ItemAnswer,
  UploadsAnswer,
} from '../protocol/messages.js';
import type {
  AcceptBuildsInput,
  AppendLogsInput,
  CreateUploadsInput,
  FinishBuildInput,
  RefuseBuildInput,
  RegisteredWorker,
  RegisterWorkerInput,
  StartBuildInput,
  UpdateStepsInput,
  UpdateWorkerInput,
  WorkerChallenge,
} from '../protocol/operations.js';
import type { AddRepoInput, UpdateRepoInput } from '../repos/index.js';
import type { SecretOwner, SetSecretRequest } from '../secrets/index.js';
import type { EnrolmentRequest, MasterKeyState, Rotation } from '../tokens/index.js';

/** A row, by its id; the API reads the rest itself. */
export interface RowReference {
  readonly id: string;
}

/** What came of a cancel. */
export type CancelJobOutcome =
  | { readonly kind: 'CANCELED' }
  | { readonly kind: 'CANCELING' }
  | { readonly kind: 'ALREADY_FINAL'; readonly state: string }
  | { readonly kind: 'NOT_FOUND' };

/** What came of another priority. */
export type SetJobPriorityOutcome =
  | { readonly kind: 'CHANGED' }
  | { readonly kind: 'NOT_WAITING'; readonly state: string; readonly isFinal: boolean };

/** An administrator's change of a worker. */
export interface AdministerWorkerRequest {
  readonly workerId: string;
  readonly buildLimit: number;
}

/**
 * One authenticated life of a worker's connection. Answers are in the order of the input; only a failure of a whole
 * call is thrown, as a DomainError.
 */
export interface WorkerSessionPort {
  readonly id: string;
  readonly workerId: string;
  readonly epoch: number;
  /** The stream of work; asked for once. */
  frames(): AsyncIterable<Frame>;
  ready(): Promise<{ readonly ok: boolean }>;
  heartbeat(input: HeartbeatInput): Promise<HeartbeatAnswer>;
  acceptBuilds(input: AcceptBuildsInput): Promise<readonly AcceptAnswer[]>;
  refuseBuilds(items: readonly RefuseBuildInput[]): Promise<readonly ItemAnswer[]>;
  startBuilds(items: readonly StartBuildInput[]): Promise<readonly ItemAnswer[]>;
  updateSteps(items: readonly UpdateStepsInput[]): Promise<readonly ItemAnswer[]>;
  appendLogs(items: readonly AppendLogsInput[]): Promise<readonly ItemAnswer[]>;
  createUploads(items: readonly CreateUploadsInput[]): Promise<readonly UploadsAnswer[]>;
  finishBuilds(items: readonly FinishBuildInput[]): Promise<readonly ItemAnswer[]>;
  updateWorker(input: UpdateWorkerInput): Promise<RowReference>;
  /** Told once, when the socket is gone for whatever reason. */
  socketClosed(code: number): void | Promise<void>;
  /** Calls the listener when the server wants the socket closed. */
  onClose(listener: (closeCode: number, reason: string) => void): void;
}

/** What came of a worker's proof. */
export type OpenSessionOutcome =
  | { readonly kind: 'OPENED'; readonly session: WorkerSessionPort; readonly ack: ConnectAck }
  | { readonly kind: 'REFUSED'; readonly closeCode: number; readonly reason: string };

/** The operations behind the API. Each throws a DomainError for what its caller got wrong. */
export interface GraphqlServices {
  /** Of the server. */
  readonly version: string;
  addRepo(input: AddRepoInput): Promise<RowReference>;
  updateRepo(input: UpdateRepoInput): Promise<RowReference>;
  createChange(input: CreateChangeInput): Promise<RowReference>;
  rebuildJob(input: RebuildInput): Promise<RowReference>;
  rebuildGroup(input: RebuildInput): Promise<RowReference>;
  createEnrolment(request: EnrolmentRequest): Promise<{ readonly id: string; readonly token: string }>;
  setSecret(request: SetSecretRequest): Promise<RowReference>;
  removeSecret(owner: SecretOwner, secret: Pick<SetSecretRequest, 'name' | 'expectedVersion'>): Promise<void>;
  readMasterKeyState(): Promise<MasterKeyState>;
  rotateMasterKey(limit: number): Promise<Rotation>;
  cancelJob(jobId: string, reason: string): Promise<CancelJobOutcome>;
  /** Of a job that waits. */
  setJobPriority(jobId: string, priority: number): Promise<SetJobPriorityOutcome>;
  /** How many jobs are served before each of these; those that are not ready have no place. */
  placesInQueue(jobIds: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** Ids of waiting jobs in the order of service. */
  nextJobs(request: { target: string | undefined; limit: number }): Promise<readonly string[]>;
  updateWorker(request: AdministerWorkerRequest): Promise<RowReference>;
  registerWorker(input: RegisterWorkerInput): Promise<RegisteredWorker>;
  issueChallenge(workerId: string): WorkerChallenge | Promise<WorkerChallenge>;
  openSession(payload: ConnectPayload): Promise<OpenSessionOutcome>;
}
