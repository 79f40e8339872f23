/** The registry of workers and their sessions; what other parts may use of it. */
export { registerWorker, type RegistrationContext } from './registration.js';
export { ensureDefaultPool, setBuildLimit } from './registration.queries.js';
export {
  closeSession,
  deleteExpiredNonces,
  findWorker,
  lockOpenSession,
  lockWorker,
  markReady,
  noteCheckIn,
  renewSessions,
  replaceSession,
  reportWorker,
  stopAcceptingWork,
  useNonce,
  type ClosedSession,
  type SessionLease,
  type WorkerRow,
} from './worker-sessions.queries.js';
export { Pool } from './pool.entity.js';
export { findWorkerId, listWorkers } from './worker-pages.queries.js';
export { findPresence, type WorkerPresence } from './worker-presence.queries.js';
export { Worker } from './worker.entity.js';
