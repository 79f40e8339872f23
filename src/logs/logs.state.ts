import { stateMachine, type ValueOf } from '../base/state-machine.js';

/** Life of a build's log: written, taken for a while after the end, closed for ever, moved away. */
export const LogState = {
  OPEN: 'OPEN',
  DRAINING: 'DRAINING',
  SEALED: 'SEALED',
  ARCHIVED: 'ARCHIVED',
} as const;
export type LogState = ValueOf<typeof LogState>;

export const logStates = stateMachine<LogState>({
  OPEN: ['DRAINING', 'SEALED'],
  DRAINING: ['SEALED'],
  SEALED: ['ARCHIVED'],
  ARCHIVED: [],
});
