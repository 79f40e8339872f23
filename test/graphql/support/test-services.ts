import { randomUUID } from 'node:crypto';
import { ValidationError } from '../../../src/base/errors.js';
import type { GraphqlServices, OpenSessionOutcome } from '../../../src/graphql/index.js';

/** What a worker gets with its session; nothing in it is looked at here. */
export const ACK = {
  statement: '{}',
  kid: 'kid',
  signature: 'signature',
  keySet: { document: '{}', signature: 'signature' },
  workerToken: 'token',
  workerTokenLifeMs: 900_000,
};

const MASTER_KEYS = { currentKeyId: '0', knownKeyIds: ['0'], uses: [], serversWithout: 0 };

/** The operations behind the API, as far as a test does not bring its own. */
export function testServices(own: Partial<GraphqlServices> = {}): GraphqlServices {
  return {
    version: '0.0.0-test',
    addRepo: () => Promise.resolve({ id: randomUUID() }),
    updateRepo: () => Promise.resolve({ id: randomUUID() }),
    createChange: () => Promise.resolve({ id: randomUUID() }),
    rebuildJob: () => Promise.resolve({ id: randomUUID() }),
    rebuildGroup: () => Promise.resolve({ id: randomUUID() }),
    createEnrolment: () => Promise.resolve({ id: randomUUID(), token: 'swe_test' }),
    setSecret: () => Promise.resolve({ id: randomUUID() }),
    removeSecret: () => Promise.resolve(),
    readMasterKeyState: () => Promise.resolve(MASTER_KEYS),
    rotateMasterKey: () => Promise.resolve({ ...MASTER_KEYS, rewrapped: 0, remaining: 0, unreadable: [] }),
    cancelJob: () => Promise.resolve({ kind: 'CANCELED' }),
    setJobPriority: () => Promise.resolve({ kind: 'CHANGED' }),
    placesInQueue: () => Promise.resolve(new Map()),
    nextJobs: () => Promise.resolve([]),
    updateWorker: ({ workerId }) => Promise.resolve({ id: workerId }),
    registerWorker: () => Promise.reject(ValidationError.of('token', 'swe_…', 'an enrolment token')),
    issueChallenge: () => ({ challenge: 'challenge', expiresInMs: 30_000 }),
    openSession: (): Promise<OpenSessionOutcome> =>
      Promise.resolve({ kind: 'REFUSED', closeCode: 4403, reason: 'the proof is not good' }),
    ...own,
  };
}
