import { stateMachine, type ValueOf } from '../base/state-machine.js';

/** Life of a node of a group's graph. */
export const GroupProjectState = {
  NOT_STARTED: 'NOT_STARTED',
  IN_PROGRESS: 'IN_PROGRESS',
  SUCCESS: 'SUCCESS',
  FAILURE: 'FAILURE',
  SKIPPED: 'SKIPPED',
  CANCELED: 'CANCELED',
} as const;
export type GroupProjectState = ValueOf<typeof GroupProjectState>;

export const groupProjectStates = stateMachine<GroupProjectState>({
  NOT_STARTED: ['IN_PROGRESS', 'SKIPPED', 'CANCELED'],
  IN_PROGRESS: ['SUCCESS', 'FAILURE', 'CANCELED'],
  SUCCESS: [],
  FAILURE: [],
  SKIPPED: [],
  CANCELED: [],
});
