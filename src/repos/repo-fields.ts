import { ValidationError } from '../base/errors.js';
import { isShortRef } from './git-names.js';

const INTEGER_MAX = 2_147_483_647;

/** A setting that a person may leave out. */
export type Optional<T> = T | null | undefined;

/** Settings of a repo that are numbers. */
export interface RepoNumbers {
  /** Longest time of a build. */
  readonly timeoutMs?: Optional<number>;
  /** Longest time that a job waits. */
  readonly queueTimeoutMs?: Optional<number>;
  /** Most builds at once. */
  readonly buildLimit?: Optional<number>;
}

/** Throws a ValidationError unless each number that is given can be one. */
export function checkNumbers({ timeoutMs, queueTimeoutMs, buildLimit }: RepoNumbers): void {
  for (const [field, value] of Object.entries({ timeoutMs, queueTimeoutMs, buildLimit })) {
    if (value === null || value === undefined) continue;
    if (Number.isInteger(value) && value > 0 && value <= INTEGER_MAX) continue;
    throw ValidationError.of(field, value, `a whole number from 1 to ${INTEGER_MAX}`);
  }
}

/** Throws a ValidationError unless the branch, if one is given, has a name that git takes. */
export function checkBranch(branch: Optional<string>): void {
  if (typeof branch !== 'string' || isShortRef(branch)) return;
  throw ValidationError.of('defaultBranch', branch, 'a branch name');
}
