import { stateMachine, type ValueOf } from '../base/state-machine.js';

/** Life of a worker's session: opened by a proof, ready once it listens, closed for ever. */
export const SessionState = { OPENING: 'OPENING', READY: 'READY', CLOSED: 'CLOSED' } as const;
export type SessionState = ValueOf<typeof SessionState>;

export const sessionStates = stateMachine<SessionState>({
  OPENING: ['READY', 'CLOSED'],
  READY: ['CLOSED'],
  CLOSED: [],
});
