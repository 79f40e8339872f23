import { stateMachine, type ValueOf } from '../base/state-machine.js';

/** Life of one attempt of a job on one worker. */
export const BuildStatus = {
  OFFERED: 'OFFERED',
  RUNNING: 'RUNNING',
  SUCCESS: 'SUCCESS',
  FAILURE: 'FAILURE',
  ERROR: 'ERROR',
  KILLED: 'KILLED',
  CANCELED: 'CANCELED',
  LOST: 'LOST',
  REFUSED: 'REFUSED',
  UNACKNOWLEDGED: 'UNACKNOWLEDGED',
  WITHDRAWN: 'WITHDRAWN',
} as const;
export type BuildStatus = ValueOf<typeof BuildStatus>;

export const buildStates = stateMachine<BuildStatus>({
  OFFERED: ['RUNNING', 'REFUSED', 'UNACKNOWLEDGED', 'WITHDRAWN', 'CANCELED'],
  RUNNING: ['SUCCESS', 'FAILURE', 'ERROR', 'KILLED', 'CANCELED', 'LOST'],
  SUCCESS: [],
  FAILURE: [],
  ERROR: [],
  KILLED: [],
  CANCELED: [],
  LOST: [],
  REFUSED: [],
  UNACKNOWLEDGED: [],
  WITHDRAWN: [],
});
