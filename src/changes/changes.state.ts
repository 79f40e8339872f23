import { stateMachine, type ValueOf } from '../base/state-machine.js';

/** Life of a change, from its arrival to the groups that it became. */
export const ChangeState = {
  RECEIVED: 'RECEIVED',
  RESOLVING: 'RESOLVING',
  PLANNED: 'PLANNED',
  SKIPPED: 'SKIPPED',
  FAILED: 'FAILED',
  SUPERSEDED: 'SUPERSEDED',
} as const;
export type ChangeState = ValueOf<typeof ChangeState>;

export const changeStates = stateMachine<ChangeState>({
  RECEIVED: ['RESOLVING', 'FAILED'],
  RESOLVING: ['RECEIVED', 'PLANNED', 'SKIPPED', 'FAILED'],
  PLANNED: ['SUPERSEDED'],
  SKIPPED: [],
  FAILED: [],
  SUPERSEDED: [],
});
