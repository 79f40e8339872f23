import { ErrorCode } from '../../base/errors.js';
import { ApiError, apiErrorOf, type WireError } from './api-error.js';

/** Makes an error of ours of what ends a subscription: GraphQL errors, a close event or an error of the socket. */
export function socketErrorOf(thrown: unknown): Error {
  if (Array.isArray(thrown)) return apiErrorOf(thrown as WireError[], undefined);
  if (isCloseEvent(thrown)) {
    const isRefusal = thrown.code === 4401 || thrown.code === 4403;
    const code = isRefusal ? ErrorCode.UNAUTHENTICATED : ErrorCode.INTERNAL;
    return new ApiError(code, `the server closed the socket: ${thrown.code} ${thrown.reason}`, undefined);
  }
  return thrown instanceof Error ? thrown : new Error('the socket failed', { cause: thrown });
}

function isCloseEvent(thrown: unknown): thrown is { readonly code: number; readonly reason: string } {
  return typeof thrown === 'object' && thrown !== null && 'code' in thrown && 'reason' in thrown;
}
