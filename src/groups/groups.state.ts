import { stateMachine, type ValueOf } from '../base/state-machine.js';

/** Life of a group. QUEUED waits for the active group of its coalesce key; PENDING is admitted; DISPATCHING has jobs. */
export const GroupState = {
  QUEUED: 'QUEUED',
  PENDING: 'PENDING',
  DISPATCHING: 'DISPATCHING',
  COMPLETE: 'COMPLETE',
  FAILED: 'FAILED',
  CANCELED: 'CANCELED',
} as const;
export type GroupState = ValueOf<typeof GroupState>;

export const groupStates = stateMachine<GroupState>({
  QUEUED: ['PENDING', 'CANCELED'],
  PENDING: ['DISPATCHING', 'COMPLETE', 'FAILED', 'CANCELED'],
  DISPATCHING: ['COMPLETE', 'FAILED', 'CANCELED'],
  COMPLETE: [],
  FAILED: [],
  CANCELED: [],
});
