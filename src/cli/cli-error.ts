/** What sort of failure it is; exit-codes.ts gives each its number. */
export type CliErrorKind = 'FAILED' | 'USAGE' | 'NOT_FOUND' | 'AUTH' | 'UNREACHABLE' | 'TIMED_OUT';

/** A failure that the user can do something about: says what, why, and the next command to try. */
export class CliError extends Error {
  override readonly name = 'CliError';
  /** A command or an action, without a full stop. */
  readonly next: string | undefined;

  constructor(
    readonly kind: CliErrorKind,
    message: string,
    options: { readonly next?: string; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.next = options.next;
  }
}

/** A command line that cannot be taken, with what was expected. */
export function usageError(message: string, next?: string): CliError {
  return new CliError('USAGE', message, next === undefined ? {} : { next });
}
