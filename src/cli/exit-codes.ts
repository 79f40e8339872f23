import { assertNever } from '../base/assert-never.js';
import { DomainError, type ErrorCode } from '../base/errors.js';
import { CliError, type CliErrorKind } from './cli-error.js';

/** What the process's exit code means to a script. */
export const ExitCode = {
  OK: 0,
  FAILED: 1,
  USAGE: 2,
  NOT_FOUND: 3,
  AUTH: 4,
  CONFLICT: 5,
  UNREACHABLE: 6,
  TIMED_OUT: 124,
  INTERRUPTED: 130,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** The exit code for whatever a command threw; the only place that knows. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof CliError) return codeOfKind(error.kind);
  if (error instanceof DomainError) return codeOfDomain(error.code);
  return isCommanderError(error) && error.exitCode !== 0 ? ExitCode.USAGE : codeOfOther(error);
}

/** Commander's own errors: a help text that was asked for (0), or a command line that it cannot take. */
export function isCommanderError(error: unknown): error is Error & { readonly exitCode: number } {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('commander.');
}

function codeOfOther(error: unknown): ExitCode {
  return isCommanderError(error) ? ExitCode.OK : ExitCode.FAILED;
}

function codeOfKind(kind: CliErrorKind): ExitCode {
  switch (kind) {
    case 'FAILED':
      return ExitCode.FAILED;
    case 'USAGE':
      return ExitCode.USAGE;
    case 'NOT_FOUND':
      return ExitCode.NOT_FOUND;
    case 'AUTH':
      return ExitCode.AUTH;
    case 'UNREACHABLE':
      return ExitCode.UNREACHABLE;
    case 'TIMED_OUT':
      return ExitCode.TIMED_OUT;
    default:
      return assertNever(kind, 'kind of error');
  }
}

function codeOfDomain(code: ErrorCode): ExitCode {
  switch (code) {
    case 'VALIDATION_FAILED':
    case 'TOO_LARGE':
      return ExitCode.USAGE;
    case 'NOT_FOUND':
      return ExitCode.NOT_FOUND;
    case 'UNAUTHENTICATED':
    case 'FORBIDDEN':
      return ExitCode.AUTH;
    case 'CONFLICT':
    case 'ALREADY_FINAL':
    case 'STALE_BUILD':
    case 'SESSION_SUPERSEDED':
      return ExitCode.CONFLICT;
    case 'STORE_UNAVAILABLE':
      return ExitCode.UNREACHABLE;
    case 'RATE_LIMITED':
    case 'INTERNAL':
      return ExitCode.FAILED;
    default:
      return assertNever(code, 'error code');
  }
}
