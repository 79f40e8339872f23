import { toStorable } from '../base/text.js';

/** Why a change could not be planned. */
export type ChangeFailureCode =
  | 'PIPELINE_MISSING'
  | 'PIPELINE_INVALID'
  | 'PIPELINE_UNREADABLE'
  | 'PIPELINE_TOO_LARGE'
  | 'UNKNOWN_REF'
  | 'UNKNOWN_COMMIT'
  | 'UNKNOWN_PROJECT'
  | 'CLONE_URL_REFUSED'
  | 'TOO_MANY_PATHS'
  | 'REPO_UNREACHABLE'
  | 'REPO_ACCESS_DENIED'
  | 'REPO_NOT_FOUND'
  | 'REPO_HOST_NOT_TRUSTED'
  | 'PLAN_TIMEOUT'
  | 'PLAN_FAILED';

/** One thing wrong with a pipeline file, with its place; line and column count from 1. */
export interface ChangeProblem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly key: string;
  readonly value: string;
  readonly expected: string;
}

/** What stands in `changes.error` of a FAILED change. */
export interface ChangeFailure {
  readonly code: ChangeFailureCode;
  readonly message: string;
  readonly problems: readonly ChangeProblem[];
}

/** A failure as PostgreSQL can store it: jsonb takes neither NUL nor half of a surrogate pair. */
export function serialiseFailure(failure: ChangeFailure): string {
  return JSON.stringify(failure, (_key, value: unknown) =>
    typeof value === 'string' ? toStorable(value) : value,
  );
}
