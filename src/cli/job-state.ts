/** States of a job as the API names them; a test holds the list to schema/schema.graphql. */
export const JOB_STATES = [
  'PENDING',
  'PROCESSING',
  'RUNNING',
  'COMPLETE',
  'FAILED',
  'REJECTED',
  'CANCEL_PENDING',
  'CANCEL_PROCESSING',
  'CANCEL_COMPLETE',
] as const;
export type JobState = (typeof JOB_STATES)[number];

/** What a state means to somebody who waits for green. */
export type Verdict = 'WAITING' | 'RUNNING' | 'PASSED' | 'FAILED' | 'CANCELED';

const VERDICTS: Readonly<Record<JobState, Verdict>> = {
  PENDING: 'WAITING',
  PROCESSING: 'WAITING',
  RUNNING: 'RUNNING',
  COMPLETE: 'PASSED',
  FAILED: 'FAILED',
  REJECTED: 'FAILED',
  CANCEL_PENDING: 'RUNNING',
  CANCEL_PROCESSING: 'RUNNING',
  CANCEL_COMPLETE: 'CANCELED',
};

/** The verdict of a job's state. */
export function verdictOf(state: JobState): Verdict {
  return VERDICTS[state];
}

/** True when nothing more happens to a job in this state. */
export function isOver(state: JobState): boolean {
  return !['WAITING', 'RUNNING'].includes(verdictOf(state));
}
