import { DomainError, ErrorCode } from '../base/errors.js';
import { GitFailure } from '../git/git-failure.js';

export { GitFailure };

/** Failures that may be gone at the next try, without anybody changing the input. */
const transient: ReadonlySet<GitFailure> = new Set([
  GitFailure.UNREACHABLE,
  GitFailure.TIMEOUT,
  GitFailure.ABORTED,
  GitFailure.BROKEN_MIRROR,
  GitFailure.FAILED,
]);

const ours: ReadonlySet<GitFailure> = new Set([
  GitFailure.ABORTED,
  GitFailure.BROKEN_MIRROR,
  GitFailure.FAILED,
]);

/** git could not do what was asked. The message has no credentials and at most one line of git's own words. */
export class GitError extends DomainError {
  override readonly name = 'GitError';

  constructor(
    readonly what: GitFailure,
    message: string,
  ) {
    super(ours.has(what) ? ErrorCode.INTERNAL : ErrorCode.VALIDATION_FAILED, message, { git: what });
  }

  /** True when another try may succeed without anybody changing the input. */
  get isTransient(): boolean {
    return transient.has(this.what);
  }
}
