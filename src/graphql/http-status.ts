import type { ErrorCode } from '../base/errors.js';

/** HTTP status of an error that ends a request before its operation runs. */
export const HTTP_STATUS: Readonly<Record<ErrorCode, number>> = {
  NOT_FOUND: 404,
  FORBIDDEN: 403,
  UNAUTHENTICATED: 401,
  VALIDATION_FAILED: 400,
  CONFLICT: 409,
  ALREADY_FINAL: 409,
  STALE_BUILD: 409,
  SESSION_SUPERSEDED: 409,
  STORE_UNAVAILABLE: 503,
  RATE_LIMITED: 429,
  TOO_LARGE: 413,
  INTERNAL: 500,
};
