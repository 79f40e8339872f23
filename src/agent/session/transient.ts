import { DomainError, ErrorCode } from '../../base/errors.js';

const TRANSIENT: readonly ErrorCode[] = [
  ErrorCode.SESSION_SUPERSEDED,
  ErrorCode.STORE_UNAVAILABLE,
  ErrorCode.RATE_LIMITED,
  // A defect of the server must not lose what a build has done: it may be another replica next time.
  ErrorCode.INTERNAL,
];

/** True for a failure after which the same call may be made again, on this session or the next one. */
export function isTransient(error: unknown): boolean {
  return error instanceof DomainError && TRANSIENT.includes(error.code);
}
