import type { CredentialInput } from './credential-options.js';
import type { JobState } from './job-state.js';
import type { Operation } from '../protocol/operations.js';

// Every operation that a command sends. A test holds them to schema/schema.graphql. What a query names and is not there
// is refused with NOT_FOUND, never null.

/** A repo as commands show it. Times are ISO 8601, durations milliseconds. */
export interface Repo {
  readonly id: string;
  readonly fullName: string;
  readonly cloneUrl: string;
  readonly defaultBranch: string;
  readonly active: boolean;
  readonly buildLimit: number;
  readonly timeoutMs: number;
  readonly queueTimeoutMs: number;
  readonly credential: { readonly kind: string; readonly fingerprint: string | null } | null;
  readonly version: number;
  readonly createdAt: string;
}

const REPO = `id fullName cloneUrl defaultBranch active buildLimit timeoutMs queueTimeoutMs version createdAt
  credential { kind fingerprint }`;

/** A page of a list. */
export interface Page<Item> {
  readonly nodes: readonly Item[];
  readonly pageInfo: { readonly endCursor: string | null; readonly hasNextPage: boolean };
}

const PAGE_INFO = 'pageInfo { endCursor hasNextPage }';

export interface PageVariables {
  readonly first: number;
  readonly after: string | null;
}

export const listRepos: Operation<PageVariables, { readonly repos: Page<Repo> }> = {
  name: 'ListRepos',
  query: `query ListRepos($first: Int!, $after: String) {
    repos(first: $first, after: $after) { nodes { ${REPO} } ${PAGE_INFO} }
  }`,
};

export const viewRepo: Operation<{ readonly org: string; readonly name: string }, { readonly repo: Repo }> = {
  name: 'ViewRepo',
  query: `query ViewRepo($org: String!, $name: String!) { repo(org: $org, name: $name) { ${REPO} } }`,
};

export interface AddRepoInput {
  readonly org: string;
  readonly name: string;
  readonly cloneUrl: string;
  readonly defaultBranch?: string;
  readonly credential?: CredentialInput;
  readonly buildLimit?: number;
  readonly timeoutMs?: number;
  readonly queueTimeoutMs?: number;
  readonly idempotencyKey?: string;
}

export const addRepo: Operation<{ readonly input: AddRepoInput }, { readonly addRepo: Repo }> = {
  name: 'AddRepo',
  query: `mutation AddRepo($input: AddRepoInput!) { addRepo(input: $input) { ${REPO} } }`,
};

export interface UpdateRepoInput {
  readonly repo: string;
  readonly expectedVersion?: number;
  readonly name?: string;
  readonly cloneUrl?: string;
  readonly defaultBranch?: string;
  readonly credential?: CredentialInput;
  readonly removeCredential?: boolean;
  readonly buildLimit?: number;
  readonly timeoutMs?: number;
  readonly queueTimeoutMs?: number;
  readonly active?: boolean;
}

export const updateRepo: Operation<{ readonly input: UpdateRepoInput }, { readonly updateRepo: Repo }> = {
  name: 'UpdateRepo',
  query: `mutation UpdateRepo($input: UpdateRepoInput!) { updateRepo(input: $input) { ${REPO} } }`,
};

/** A job as lists show it. */
export interface Job {
  readonly id: string;
  readonly number: number;
  readonly repo: { readonly fullName: string };
  readonly project: { readonly name: string };
  readonly target: string;
  readonly event: string;
  readonly branch: string | null;
  readonly commit: string;
  readonly state: JobState;
  readonly attempt: number;
  readonly reason: string | null;
  readonly failureKind: string | null;
  readonly error: string | null;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly worker: { readonly id: string; readonly hostname: string } | null;
}

const JOB = `id number repo { fullName } project { name } target event branch commit state attempt reason
  failureKind error createdAt startedAt finishedAt worker { id hostname }`;

export interface Step {
  readonly number: number;
  readonly name: string;
  readonly status: string;
  readonly exitCode: number | null;
  readonly error: string | null;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
}

export interface Build {
  readonly id: string;
  readonly offer: number;
  readonly attempt: number;
  readonly status: string;
  readonly worker: { readonly id: string; readonly hostname: string } | null;
  readonly offeredAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly exitCode: number | null;
  readonly failureKind: string | null;
  readonly error: string | null;
  readonly builtIdent: string | null;
  readonly outputs: readonly { readonly name: string; readonly value: string }[];
  readonly steps: readonly Step[];
}

/** Why a job waits, and how many are served before it; `until` is ISO 8601. */
export interface Waiting {
  readonly reason: string;
  /** 1000 stands for 1,000 and more; null: it has no place yet. */
  readonly ahead: number | null;
  readonly until: string | null;
}

const WAITING = 'priority waiting { reason ahead until }';

/** A job with its place in the queue. */
export interface QueuedJob extends Job {
  readonly priority: number;
  readonly waiting: Waiting | null;
}

export const listQueue: Operation<
  { readonly first: number; readonly target: string | null },
  {
    readonly queue: {
      readonly waiting: number;
      readonly active: number;
      readonly next: readonly QueuedJob[];
    };
  }
> = {
  name: 'ListQueue',
  query: `query ListQueue($first: Int!, $target: String) {
    queue { waiting active next(first: $first, target: $target) { ${JOB} ${WAITING} } }
  }`,
};

export const setJobPriority: Operation<
  { readonly id: string; readonly priority: number },
  { readonly setJobPriority: QueuedJob }
> = {
  name: 'SetJobPriority',
  query: `mutation SetJobPriority($id: ID!, $priority: Int!) {
    setJobPriority(id: $id, priority: $priority) { ${JOB} ${WAITING} }
  }`,
};

/** A job with its attempts. */
export interface JobWithBuilds extends QueuedJob {
  readonly builds: readonly Build[];
}

const JOB_WITH_BUILDS = `${JOB} ${WAITING}
  builds {
    id offer attempt status worker { id hostname } offeredAt startedAt finishedAt exitCode failureKind error
    builtIdent outputs { name value }
    steps { number name status exitCode error startedAt finishedAt }
  }`;

export interface JobsFilter {
  readonly repo?: string;
  readonly state?: string;
  readonly branch?: string;
  readonly event?: string;
}

export const listJobs: Operation<
  PageVariables & { readonly filter: JobsFilter },
  { readonly jobs: Page<Job> }
> = {
  name: 'ListJobs',
  query: `query ListJobs($filter: JobsFilter, $first: Int!, $after: String) {
    jobs(filter: $filter, first: $first, after: $after) { nodes { ${JOB} } ${PAGE_INFO} }
  }`,
};

export const viewJob: Operation<{ readonly id: string }, { readonly job: JobWithBuilds }> = {
  name: 'ViewJob',
  query: `query ViewJob($id: ID!) { job(id: $id) { ${JOB_WITH_BUILDS} } }`,
};

export const findJob: Operation<
  { readonly repo: string; readonly number: number },
  { readonly jobByNumber: Job }
> = {
  name: 'FindJob',
  query: `query FindJob($repo: String!, $number: Int!) { jobByNumber(repo: $repo, number: $number) { ${JOB} } }`,
};

export const cancelJob: Operation<{ readonly id: string }, { readonly cancelJob: Job }> = {
  name: 'CancelJob',
  query: `mutation CancelJob($id: ID!) { cancelJob(id: $id) { ${JOB} } }`,
};

export const jobUpdated: Operation<
  { readonly job: string },
  { readonly jobUpdated: { readonly id: string } }
> = {
  name: 'JobUpdated',
  query: 'subscription JobUpdated($job: ID!) { jobUpdated(job: $job) { id } }',
};

/** What `createChange` takes; rulesets see it all. */
export interface CreateChangeInput {
  readonly repo: string;
  readonly event: string;
  readonly action?: string;
  readonly ref?: string;
  readonly branch?: string;
  readonly commit?: string;
  readonly target?: string;
  readonly tag?: string;
  readonly title?: string;
  readonly sender?: string;
  readonly comment?: string;
  readonly paths?: readonly string[];
  readonly project?: string;
  readonly priority?: number;
  readonly idempotencyKey?: string;
}

/** A change, and once it is PLANNED the jobs that it became. */
export interface Change {
  readonly id: string;
  readonly state: 'RECEIVED' | 'RESOLVING' | 'PLANNED' | 'SKIPPED' | 'FAILED' | 'SUPERSEDED';
  readonly reason: string | null;
  readonly error: string | null;
  readonly jobs: readonly Job[];
}

const CHANGE = `id state reason error jobs { ${JOB} }`;

export const createChange: Operation<
  { readonly input: CreateChangeInput },
  { readonly createChange: Change }
> = {
  name: 'CreateChange',
  query: `mutation CreateChange($input: CreateChangeInput!) { createChange(input: $input) { ${CHANGE} } }`,
};

export const rebuildJob: Operation<
  { readonly id: string; readonly idempotencyKey: string | null },
  { readonly rebuildJob: Change }
> = {
  name: 'RebuildJob',
  query: `mutation RebuildJob($id: ID!, $idempotencyKey: String) {
    rebuildJob(id: $id, idempotencyKey: $idempotencyKey) { ${CHANGE} }
  }`,
};

export const viewChange: Operation<{ readonly id: string }, { readonly change: Change }> = {
  name: 'ViewChange',
  query: `query ViewChange($id: ID!) { change(id: $id) { ${CHANGE} } }`,
};

/** A piece of a build's log; slices are ordered by step, then seq. */
export interface LogSlice {
  readonly step: number;
  readonly seq: number;
  readonly text: string;
}

export interface LogPage {
  readonly slices: readonly LogSlice[];
  /** A place in the log to go on from; opaque. */
  readonly endCursor: string | null;
  /** True when the log is sealed and this page is its end. */
  readonly isFinal: boolean;
}

export const readLog: Operation<
  {
    readonly build: string;
    readonly step: number | null;
    readonly after: string | null;
    readonly first: number;
  },
  { readonly logSlices: LogPage }
> = {
  name: 'ReadLog',
  query: `query ReadLog($build: ID!, $step: Int, $after: LogCursor, $first: Int!) {
    logSlices(build: $build, step: $step, after: $after, first: $first) {
      slices { step seq text } endCursor isFinal
    }
  }`,
};

/** The log of a step as a whole. */
export interface StepLog {
  readonly step: number;
  readonly state: 'OPEN' | 'SEALED' | 'ARCHIVED' | 'REMOVED';
  readonly bytes: number;
  readonly missing: number;
  readonly isCapped: boolean;
}

export const listStepLogs: Operation<{ readonly build: string }, { readonly stepLogs: readonly StepLog[] }> =
  {
    name: 'ListStepLogs',
    query: `query ListStepLogs($build: ID!) { stepLogs(build: $build) { step state bytes missing isCapped } }`,
  };

/** A file that a build has left. */
export interface Artifact {
  readonly id: string;
  readonly step: number;
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly url: string;
}

export const listArtifacts: Operation<
  { readonly build: string },
  { readonly build: { readonly artifacts: readonly Artifact[] } }
> = {
  name: 'ListArtifacts',
  query: `query ListArtifacts($build: ID!) {
    build(id: $build) { artifacts { id step path bytes sha256 url } }
  }`,
};

export const logLines: Operation<{ readonly build: string }, { readonly logLines: Omit<LogSlice, 'text'> }> =
  {
    name: 'LogLines',
    query: 'subscription LogLines($build: ID!) { logLines(build: $build) { step seq } }',
  };

export interface Worker {
  readonly id: string;
  readonly hostname: string;
  readonly status: string;
  readonly lastStatusUpdateAt: string | null;
  readonly lastCheckedInAt: string | null;
  readonly lastBuildStartedAt: string | null;
  readonly lastBuildFinishedAt: string | null;
  readonly runningBuildIds: readonly string[];
  readonly buildLimit: number;
  readonly targets: readonly string[];
  readonly labels: readonly { readonly name: string; readonly value: string }[];
  readonly version: string | null;
  readonly pool: { readonly name: string } | null;
  readonly createdAt: string;
}

const WORKER = `id hostname status lastStatusUpdateAt lastCheckedInAt lastBuildStartedAt lastBuildFinishedAt
  runningBuildIds buildLimit targets labels { name value } version pool { name } createdAt`;

export const listWorkers: Operation<PageVariables, { readonly workers: Page<Worker> }> = {
  name: 'ListWorkers',
  query: `query ListWorkers($first: Int!, $after: String) {
    workers(first: $first, after: $after) { nodes { ${WORKER} } ${PAGE_INFO} }
  }`,
};

export const viewWorker: Operation<
  { readonly id: string | null; readonly hostname: string | null },
  { readonly worker: Worker }
> = {
  name: 'ViewWorker',
  query: `query ViewWorker($id: ID, $hostname: String) {
    worker(id: $id, hostname: $hostname) { ${WORKER} }
  }`,
};

export interface CreateEnrolmentInput {
  readonly pool?: string;
  readonly targets?: readonly string[];
  readonly labels?: readonly { readonly name: string; readonly value: string }[];
  readonly buildLimit?: number;
  readonly hostnamePattern?: string;
  readonly maxUses?: number;
  readonly ttlS?: number;
}

export const createEnrolment: Operation<
  { readonly input: CreateEnrolmentInput },
  { readonly createEnrolment: { readonly id: string; readonly token: string } }
> = {
  name: 'CreateEnrolment',
  query: `mutation CreateEnrolment($input: CreateEnrolmentInput!) {
    createEnrolment(input: $input) { id token }
  }`,
};
