import { buildSchema } from 'graphql';

/** The worker's part of the API, as docs/PROTOCOL.md has it. */
export const peerSchema = buildSchema(`
  type Query { workerChallenge(workerId: ID!): WorkerChallenge! }
  type WorkerChallenge { challenge: String! expiresInMs: Int! }
  type SignedKeySet { document: String! signature: String! }
  type Label { name: String! value: String! }
  input LabelInput { name: String! value: String! }
  input RegisterWorkerInput {
    token: String! hostname: String! identityKey: String! targets: [String!]! labels: [LabelInput!]!
    buildLimit: Int! signature: String!
  }
  type RegisteredWorker {
    workerId: ID! rootKey: String! keySet: SignedKeySet! targets: [String!]! labels: [Label!]!
    buildLimit: Int! heartbeatMs: Int!
  }
  type Frame { seq: Int! events: [FrameEvent!]! kid: String signature: String }
  union FrameEvent = BuildPackage | CancelBuild | Beat | Drain
  type BuildPackage { buildId: ID! head: String! sealId: String! seal: String! }
  type CancelBuild { buildId: ID! reason: String! graceMs: Int! }
  type Beat { heartbeat: Int! }
  type Drain { reason: String! }
  type Subscription { buildPackages: Frame! }
  type ReadyAnswer { ok: Boolean! }
  input HeartbeatInput {
    number: Int! lastFrameSeq: Int! holds: [ID!]! freeDiskBytes: Float! freeMemoryBytes: Float! load: Float!
  }
  type HeartbeatAnswer { leaseMs: Int! abandon: [ID!]! workerToken: String }
  type AcceptAnswer { buildId: ID! outcome: String! status: String message: String hardDeadlineMs: Float }
  type ItemAnswer { buildId: ID! outcome: String! status: String message: String }
  input AcceptItemInput { buildId: ID! attempt: Int! nonce: String! headSha256: String! }
  input AcceptBuildsInput {
    workerToken: String! signature: String! freeDiskBytes: Float! freeMemoryBytes: Float! builds: [AcceptItemInput!]!
  }
  input RefuseBuildInput { buildId: ID! attempt: Int! reason: String! message: String }
  input StartBuildInput { buildId: ID! token: String! }
  input StepReportInput {
    number: Int! name: String! status: String! exitCode: Int error: String elapsedMs: Float
  }
  input UpdateStepsInput { buildId: ID! token: String! steps: [StepReportInput!]! }
  input LogChunkInput { step: Int! seq: Int! data: String! }
  input AppendLogsInput { buildId: ID! token: String! chunks: [LogChunkInput!]! }
  input LogLengthInput { step: Int! lastSeq: Int! bytes: Float! }
  input BuildResultInput {
    status: String! exitCode: Int failureKind: String error: String logs: [LogLengthInput!]!
    outputs: [BuildOutputInput!]!
  }
  input BuildOutputInput { name: String! value: String! }
  input FinishBuildInput { buildId: ID! token: String! result: BuildResultInput! }
  input UpdateWorkerInput { buildLimit: Int version: String acceptsWork: Boolean }
  type Worker { id: ID! buildLimit: Int! }
  type Mutation {
    registerWorker(input: RegisterWorkerInput!): RegisteredWorker!
    reportReady: ReadyAnswer!
    heartbeat(input: HeartbeatInput!): HeartbeatAnswer!
    acceptBuilds(input: AcceptBuildsInput!): [AcceptAnswer!]!
    refuseBuilds(input: [RefuseBuildInput!]!): [ItemAnswer!]!
    startBuilds(input: [StartBuildInput!]!): [ItemAnswer!]!
    updateSteps(input: [UpdateStepsInput!]!): [ItemAnswer!]!
    appendLogs(input: [AppendLogsInput!]!): [ItemAnswer!]!
    finishBuilds(input: [FinishBuildInput!]!): [ItemAnswer!]!
    updateWorker(input: UpdateWorkerInput!): Worker!
  }
`);
