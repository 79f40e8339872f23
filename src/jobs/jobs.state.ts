import { assertNever } from '../base/assert-never.js';
import { stateMachine, type ValueOf } from '../base/state-machine.js';

/** Life of a job: one request to build one project for one target. */
export const JobState = {
  PENDING: 'PENDING',
  PROCESSING: 'PROCESSING',
  RUNNING: 'RUNNING',
  COMPLETE: 'COMPLETE',
  FAILED: 'FAILED',
  REJECTED: 'REJECTED',
  CANCEL_PENDING: 'CANCEL_PENDING',
  CANCEL_PROCESSING: 'CANCEL_PROCESSING',
  CANCEL_COMPLETE: 'CANCEL_COMPLETE',
} as const;
export type JobState = ValueOf<typeof JobState>;

export const jobStates = stateMachine<JobState>({
  PENDING: ['PROCESSING', 'FAILED', 'CANCEL_COMPLETE'],
  PROCESSING: ['RUNNING', 'PENDING', 'REJECTED', 'CANCEL_PENDING'],
  RUNNING: ['COMPLETE', 'FAILED', 'PENDING', 'CANCEL_PENDING'],
  CANCEL_PENDING: ['CANCEL_PROCESSING', 'CANCEL_COMPLETE'],
  CANCEL_PROCESSING: ['CANCEL_COMPLETE'],
  COMPLETE: [],
  FAILED: [],
  REJECTED: [],
  CANCEL_COMPLETE: [],
});

/** Why a build of a job ended, as far as the job is concerned. */
export const BuildEnding = {
  SUCCEEDED: 'SUCCEEDED',
  FAILED: 'FAILED',
  TIMED_OUT: 'TIMED_OUT',
  INFRASTRUCTURE: 'INFRASTRUCTURE',
  AGENT_STOPPED: 'AGENT_STOPPED',
  CANCELED: 'CANCELED',
  LOST: 'LOST',
  REFUSED: 'REFUSED',
  UNACKNOWLEDGED: 'UNACKNOWLEDGED',
  WITHDRAWN: 'WITHDRAWN',
  /** No worker can be offered it: something that belongs into its seal cannot be read. */
  UNSEALABLE: 'UNSEALABLE',
} as const;
export type BuildEnding = ValueOf<typeof BuildEnding>;

/** What is left of a job's budget of attempts and refusals. */
export interface JobBudget {
  readonly attempts: number;
  readonly maxAttempts: number;
  /** Offers that were refused or not acknowledged so far. */
  readonly refusals: number;
  readonly maxRefusals: number;
}

/**
 * The state of a job whose live build ends. The job decides: whatever the build reported, a job whose cancel was
 * requested ends canceled ("cancel wins"). Refused, unacknowledged and withdrawn offers use up no attempt.
 */
export function stateAfter(state: JobState, ending: BuildEnding, budget: JobBudget): JobState {
  if (state === 'CANCEL_PENDING' || state === 'CANCEL_PROCESSING') return 'CANCEL_COMPLETE';
  switch (ending) {
    case 'SUCCEEDED':
      return 'COMPLETE';
    case 'FAILED':
    case 'TIMED_OUT':
      return 'FAILED';
    case 'INFRASTRUCTURE':
    case 'LOST':
    case 'AGENT_STOPPED':
    case 'CANCELED':
      return budget.attempts < budget.maxAttempts ? 'PENDING' : 'FAILED';
    case 'REFUSED':
    case 'UNACKNOWLEDGED':
      return budget.refusals + 1 < budget.maxRefusals ? 'PENDING' : 'REJECTED';
    case 'WITHDRAWN':
      return 'PENDING';
    case 'UNSEALABLE':
      return 'REJECTED';
    default:
      return assertNever(ending, 'ending of a build');
  }
}
