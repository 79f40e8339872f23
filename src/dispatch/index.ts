/** Claim, push, accept, finish, fold, reap: how a waiting job gets to a worker, and what becomes of it. */
export type { AdmitOutcome } from './admission.js';
export type { CancelOutcome } from './canceler.js';
export { Dispatch, type DispatchOptions, type SessionOpened } from './dispatch.js';
export type { PriorityOutcome } from './prioritiser.js';
export type { WorkerSession } from './worker-session.js';
