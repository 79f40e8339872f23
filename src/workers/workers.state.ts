import type { ValueOf } from '../base/state-machine.js';

/**
 * Status of a worker, computed from its session, leases and maintenance. It has no transitions of its own.
 */
export const WorkerStatus = {
  UNREGISTERED: 'UNREGISTERED',
  AVAILABLE: 'AVAILABLE',
  BUSY: 'BUSY',
  MAINTENANCE: 'MAINTENANCE',
  ERROR: 'ERROR',
} as const;
export type WorkerStatus = ValueOf<typeof WorkerStatus>;
