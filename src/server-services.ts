import type { Pool } from 'pg';
import { notFound, ValidationError } from './base/errors.js';
import type { Logger } from './base/logger.js';
import { createChange, rebuildGroup, rebuildJob } from './changes/index.js';
import type { Hints } from './database/hints.js';
import type { Dispatch } from './dispatch/index.js';
import type { GraphqlServices } from './graphql/index.js';
import { addRepo, credentialEnvelopes, type Git, type RepoCredentials, updateRepo } from './repos/index.js';
import { removeSecret, secretEnvelopes, setSecret } from './secrets/index.js';
import {
  createEnrolment,
  readMasterKeyState,
  rotateMasterKey,
  signingKeyEnvelopes,
  type EnvelopedTable,
  type MasterKeys,
  type ServerKeys,
} from './tokens/index.js';
import { version } from './base/package-version.js';
import { registerWorker, setBuildLimit } from './workers/index.js';

export interface ServicesOptions {
  readonly pool: Pool;
  readonly hints: Hints;
  readonly git: Git;
  readonly credentials: RepoCredentials;
  readonly dispatch: Dispatch;
  readonly keys: () => ServerKeys;
  readonly masterKeys: MasterKeys;
  readonly origins: () => readonly string[];
  readonly heartbeatMs: number;
}

const MAX_BUILD_LIMIT = 1_000;

/** Everything that the master keys protect, for a rotation. */
const ENVELOPED: readonly EnvelopedTable[] = [signingKeyEnvelopes, secretEnvelopes, credentialEnvelopes];

/** The operations behind the API, as the domains and the dispatch offer them. */
export function createServices(options: ServicesOptions): GraphqlServices {
  const { pool, hints, git, credentials, dispatch, keys, masterKeys } = options;
  const repos = { db: pool, git, credentials };
  const rotation = { db: pool, masterKeys, tables: ENVELOPED };
  return {
    version: version(),
    addRepo: (request) => addRepo(repos, request),
    updateRepo: (request) => updateRepo(repos, request),
    createChange: (request) => createChange(pool, hints, request),
    rebuildJob: (request) => rebuildJob(pool, hints, request),
    rebuildGroup: (request) => rebuildGroup(pool, hints, request),
    createEnrolment: (request) => createEnrolment(pool, keys().rootKey, request),
    setSecret: (request) => setSecret(pool, masterKeys, request),
    removeSecret: (owner, secret) => removeSecret(pool, owner, secret),
    readMasterKeyState: () => readMasterKeyState(rotation),
    rotateMasterKey: (limit) => rotateMasterKey(rotation, limit),
    cancelJob: async (jobId, reason) => {
      const outcome = await dispatch.cancelJob(jobId, reason);
      if (outcome.kind === 'NOT_FOUND') throw notFound('job', jobId);
      return outcome;
    },
    setJobPriority: async (jobId, priority) => {
      const outcome = await dispatch.setJobPriority(jobId, priority);
      if (outcome.kind === 'NOT_FOUND') throw notFound('job', jobId);
      return outcome;
    },
    placesInQueue: (jobIds) => dispatch.queue.placesOf(jobIds),
    nextJobs: (request) => dispatch.queue.next(request),
    updateWorker: async ({ workerId, buildLimit }) => {
      if (!Number.isInteger(buildLimit) || buildLimit < 1 || buildLimit > MAX_BUILD_LIMIT) {
        throw ValidationError.of('buildLimit', buildLimit, `an integer from 1 to ${MAX_BUILD_LIMIT}`);
      }
      if (!(await setBuildLimit(pool, workerId, buildLimit))) throw notFound('worker', workerId);
      hints.publish('worker.updated', { worker: workerId });
      return { id: workerId };
    },
    registerWorker: (input) => registerWorker(options, input),
    issueChallenge: (workerId) => dispatch.issueChallenge(workerId),
    openSession: (payload) => dispatch.openSession(payload),
  };
}

/** Logs what a server cannot open, at its start: a master key that was taken away too soon is found before a build is. */
export async function tellOfMissingKeys(
  pool: Pool,
  { masterKeys, logger }: { readonly masterKeys: MasterKeys; readonly logger: Logger },
): Promise<void> {
  const { uses, knownKeyIds } = await readMasterKeyState({ db: pool, masterKeys, tables: ENVELOPED });
  for (const use of uses.filter(({ keyId }) => !knownKeyIds.includes(keyId)))
    logger.error({ ...use, knownKeyIds }, 'stored under a master key that this server was not given');
}
