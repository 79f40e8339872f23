const LEAST = -10;
const HIGHEST = 10;

/** What a priority must be, for messages. */
export const PRIORITY_RANGE = `a whole number from ${LEAST} to ${HIGHEST}`;

/** Whether a number is a priority of jobs: 0 is the usual one, higher ones are served first. */
export function isPriority(value: number): boolean {
  return Number.isInteger(value) && value >= LEAST && value <= HIGHEST;
}
