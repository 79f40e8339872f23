/** The GraphQL documents of an agent, with the types of what goes in and comes out; docs/PROTOCOL.md says the same in prose. */
import type {
  AcceptAnswer,
  AcceptItem,
  BuildResult,
  Frame,
  HeartbeatAnswer,
  HeartbeatInput,
  ItemAnswer,
  LogChunk,
  RefusalReason,
  SignedKeySet,
  StepReport,
  UploadsAnswer,
} from './messages.js';

/** A GraphQL document; the type parameters say what it takes and what `data` it gives. */
export interface Operation<Variables, Data> {
  readonly name: string;
  readonly query: string;
  /** Never set: it carries the types. */
  readonly types?: (variables: Variables) => Data;
}

/** A name with a value that a worker says of itself. */
export interface WorkerLabel {
  readonly name: string;
  readonly value: string;
}

export interface RegisterWorkerInput {
  readonly token: string;
  readonly hostname: string;
  readonly identityKey: string;
  readonly targets: readonly string[];
  readonly labels: readonly WorkerLabel[];
  readonly buildLimit: number;
  /** By the identity key over `registerBytes`. */
  readonly signature: string;
}

export interface RegisteredWorker {
  readonly workerId: string;
  readonly rootKey: string;
  readonly keySet: SignedKeySet;
  readonly targets: readonly string[];
  readonly labels: readonly WorkerLabel[];
  readonly buildLimit: number;
  readonly heartbeatMs: number;
}

/** HTTP, without authentication: the enrolment token is in the input. */
export const registerWorker: Operation<
  { readonly input: RegisterWorkerInput },
  { readonly registerWorker: RegisteredWorker }
> = {
  name: 'RegisterWorker',
  query: `mutation RegisterWorker($input: RegisterWorkerInput!) {
    registerWorker(input: $input) {
      workerId rootKey keySet { document signature } targets labels { name value } buildLimit heartbeatMs
    }
  }`,
};

export interface WorkerChallenge {
  readonly challenge: string;
  readonly expiresInMs: number;
}

/** HTTP, without authentication: the first half of a connect. */
export const workerChallenge: Operation<
  { readonly workerId: string },
  { readonly workerChallenge: WorkerChallenge }
> = {
  name: 'WorkerChallenge',
  query: `query WorkerChallenge($workerId: ID!) {
    workerChallenge(workerId: $workerId) { challenge expiresInMs }
  }`,
};

/** Socket: the stream of work. */
export const buildPackages: Operation<Record<string, never>, { readonly buildPackages: Frame }> = {
  name: 'BuildPackages',
  query: `subscription BuildPackages {
    buildPackages {
      seq kid signature
      events {
        __typename
        ... on BuildPackage { buildId head sealId seal }
        ... on CancelBuild { buildId reason graceMs }
        ... on Beat { heartbeat }
        ... on Drain { reason }
      }
    }
  }`,
};

/** Socket, after subscribing: only then is the session claimable. */
export const reportReady: Operation<
  Record<string, never>,
  { readonly reportReady: { readonly ok: boolean } }
> = {
  name: 'ReportReady',
  query: 'mutation ReportReady { reportReady { ok } }',
};

/** Socket: renews the leases; reflected as a Beat through the stream. */
export const heartbeat: Operation<
  { readonly input: HeartbeatInput },
  { readonly heartbeat: HeartbeatAnswer }
> = {
  name: 'Heartbeat',
  query: `mutation Heartbeat($input: HeartbeatInput!) {
    heartbeat(input: $input) { leaseMs abandon workerToken }
  }`,
};

export interface AcceptBuildsInput {
  readonly workerToken: string;
  /** By the identity key over `acceptBytes`. */
  readonly signature: string;
  readonly freeDiskBytes: number;
  readonly freeMemoryBytes: number;
  readonly builds: readonly AcceptItem[];
}

const ITEM_ANSWER = 'buildId outcome status message';

/** Socket: takes offers; proves that the seals were opened and the identity key is there. */
export const acceptBuilds: Operation<
  { readonly input: AcceptBuildsInput },
  { readonly acceptBuilds: readonly AcceptAnswer[] }
> = {
  name: 'AcceptBuilds',
  query: `mutation AcceptBuilds($input: AcceptBuildsInput!) {
    acceptBuilds(input: $input) { ${ITEM_ANSWER} hardDeadlineMs }
  }`,
};

export interface RefuseBuildInput {
  readonly buildId: string;
  readonly attempt: number;
  readonly reason: RefusalReason;
  readonly message: string | null;
}

/** Socket: gives offers back. */
export const refuseBuilds: ItemsOperation<'refuseBuilds', RefuseBuildInput> = itemsOperation(
  'refuseBuilds',
  'RefuseBuildInput',
);

export interface StartBuildInput {
  readonly buildId: string;
  readonly token: string;
}

/** Socket: the first step is about to run. */
export const startBuilds: ItemsOperation<'startBuilds', StartBuildInput> = itemsOperation(
  'startBuilds',
  'StartBuildInput',
);

export interface UpdateStepsInput extends StartBuildInput {
  readonly steps: readonly StepReport[];
}

/** Socket: what the steps of builds are doing. */
export const updateSteps: ItemsOperation<'updateSteps', UpdateStepsInput> = itemsOperation(
  'updateSteps',
  'UpdateStepsInput',
);

export interface AppendLogsInput extends StartBuildInput {
  readonly chunks: readonly LogChunk[];
}

/** Socket: log chunks; OK means that every chunk of the item is stored, now or before. */
export const appendLogs: ItemsOperation<'appendLogs', AppendLogsInput> = itemsOperation(
  'appendLogs',
  'AppendLogsInput',
);

export interface FinishBuildInput extends StartBuildInput {
  readonly result: BuildResult;
}

/** Socket: ends builds; the same result again gives the stored answer. */
export const finishBuilds: ItemsOperation<'finishBuilds', FinishBuildInput> = itemsOperation(
  'finishBuilds',
  'FinishBuildInput',
);

/** A file that an agent is about to upload. */
export interface UploadFile {
  readonly step: number;
  readonly path: string;
  readonly bytes: number;
  /** Hex digits. */
  readonly sha256: string;
}

export interface CreateUploadsInput extends StartBuildInput {
  readonly files: readonly UploadFile[];
}

/** Socket: announces files; each comes by `PUT /uploads/<id>` then. The same files again get the same ids. */
export const createUploads: Operation<
  { readonly input: readonly CreateUploadsInput[] },
  { readonly createUploads: readonly UploadsAnswer[] }
> = {
  name: 'CreateUploads',
  query: `mutation CreateUploads($input: [CreateUploadsInput!]!) {
    createUploads(input: $input) { ${ITEM_ANSWER} uploadIds }
  }`,
};

/** What a worker's own session may change of its record; only ever less work. */
export interface UpdateWorkerInput {
  readonly buildLimit?: number;
  readonly version?: string;
  /** False drains: nothing new comes, what runs goes on. */
  readonly acceptsWork?: boolean;
}

/** Socket: lowers the limit, reports the version, or drains. */
export const updateWorker: Operation<
  { readonly input: UpdateWorkerInput },
  { readonly updateWorker: { readonly id: string; readonly buildLimit: number } }
> = {
  name: 'UpdateWorker',
  query: `mutation UpdateWorker($input: UpdateWorkerInput!) {
    updateWorker(input: $input) { id buildLimit }
  }`,
};

/** An operation on a list of builds; each item has its own answer, in the order of the input. */
export type ItemsOperation<Field extends string, Input> = Operation<
  { readonly input: readonly Input[] },
  { readonly [Name in Field]: readonly ItemAnswer[] }
>;

function itemsOperation<Field extends string, Input>(
  field: Field,
  inputType: string,
): ItemsOperation<Field, Input> {
  const name = `${field.charAt(0).toUpperCase()}${field.slice(1)}`;
  const query = `mutation ${name}($input: [${inputType}!]!) { ${field}(input: $input) { ${ITEM_ANSWER} } }`;
  return { name, query };
}
