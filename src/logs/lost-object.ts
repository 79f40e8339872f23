import { DomainError, ErrorCode } from '../base/errors.js';

/** A log that is archived, and whose object is not in the store: perhaps another replica has a store of its own. */
export function lostObject(log: {
  readonly buildId: string;
  readonly step: number;
  readonly objectKey: string | null;
}): DomainError {
  const { buildId, step, objectKey } = log;
  const message = `the log of step ${step} of build ${buildId} is not in the store as ${objectKey ?? 'an object'}`;
  return new DomainError(ErrorCode.STORE_UNAVAILABLE, message, { objectKey });
}

/** True for an object that is not in the store. */
export function isNotFound(error: unknown): boolean {
  return error instanceof DomainError && error.code === ErrorCode.NOT_FOUND;
}
