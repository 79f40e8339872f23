/**
 * The codes that a caller may meet, in the API's `extensions.code` and, mapped once each, as HTTP statuses
 * (src/graphql) and CLI exit codes (src/cli). docs/architecture.md has the table.
 */
export const ErrorCode = {
  NOT_FOUND: 'NOT_FOUND',
  FORBIDDEN: 'FORBIDDEN',
  UNAUTHENTICATED: 'UNAUTHENTICATED',
  VALIDATION_FAILED: 'VALIDATION_FAILED',
  CONFLICT: 'CONFLICT',
  ALREADY_FINAL: 'ALREADY_FINAL',
  STALE_BUILD: 'STALE_BUILD',
  SESSION_SUPERSEDED: 'SESSION_SUPERSEDED',
  STORE_UNAVAILABLE: 'STORE_UNAVAILABLE',
  RATE_LIMITED: 'RATE_LIMITED',
  TOO_LARGE: 'TOO_LARGE',
  INTERNAL: 'INTERNAL',
} as const;
export type ErrorCode = (typeof ErrorCode)[keyof typeof ErrorCode];

/** One thing wrong with one input: where, what was given, what would have been right. */
export interface FieldProblem {
  readonly field: string;
  readonly value: string;
  readonly expected: string;
}

/** An expected failure that a caller can act on. Everything else that is thrown is a defect of ours. */
export class DomainError extends Error {
  override readonly name: string = 'DomainError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly details: Readonly<Record<string, unknown>> = {},
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

/** Input that cannot be taken; says field, value and expectation for each problem at once. */
export class ValidationError extends DomainError {
  override readonly name = 'ValidationError';

  constructor(readonly problems: readonly FieldProblem[]) {
    super(ErrorCode.VALIDATION_FAILED, problems.map(describeProblem).join('; '), { problems });
  }

  /** The common case of a single problem. The value is shortened for the message, never echoed in full. */
  static of(field: string, value: unknown, expected: string): ValidationError {
    return new ValidationError([{ field, value: shorten(value), expected }]);
  }
}

/** What the caller asked for does not exist, or may not be seen by the caller: the same answer on purpose. */
export function notFound(kind: string, reference: string): DomainError {
  return new DomainError(ErrorCode.NOT_FOUND, `${kind} ${quote(reference)} was not found`, {
    kind,
    reference: shorten(reference),
  });
}

/** A text for a message: quoted, control characters escaped, at most 80 characters of it. */
export function quote(value: unknown): string {
  return JSON.stringify(shorten(value));
}

function shorten(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  // The cut may fall into a character, of which no half may be left: a message may be stored.
  return text.length > 80 ? `${text.slice(0, 77).toWellFormed()}...` : text;
}

/** `field: got "value", expected …`, for people. */
export function describeProblem(problem: FieldProblem): string {
  const given = problem.value === '' ? 'not given' : `got ${JSON.stringify(problem.value)}`;
  return `${problem.field}: ${given}, expected ${problem.expected}`;
}
