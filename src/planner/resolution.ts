import type { ChangeFailure, ChangeFailureCode } from '../changes/index.js';
import type { PlannedGroup } from '../groups/group-plan.js';
import type { GitError, GitFailure } from '../repos/index.js';

/** What a change comes to. */
export type Resolution =
  | { readonly kind: 'PLANNED'; readonly groups: readonly PlannedGroup[] }
  | { readonly kind: 'SKIPPED'; readonly reason: string }
  | { readonly kind: 'FAILED'; readonly failure: ChangeFailure }
  /** Not now: another try may succeed. */
  | { readonly kind: 'RETRY'; readonly failure: ChangeFailure }
  /** Somebody else has the change by now. */
  | { readonly kind: 'STALE' };

const codes: Readonly<Record<GitFailure, ChangeFailureCode>> = {
  UNREACHABLE: 'REPO_UNREACHABLE',
  TIMEOUT: 'REPO_UNREACHABLE',
  ABORTED: 'PLAN_FAILED',
  REFUSED_PROTOCOL: 'CLONE_URL_REFUSED',
  REFUSED_ADDRESS: 'CLONE_URL_REFUSED',
  ACCESS_DENIED: 'REPO_ACCESS_DENIED',
  REPO_NOT_FOUND: 'REPO_NOT_FOUND',
  HOST_KEY_UNKNOWN: 'REPO_HOST_NOT_TRUSTED',
  HOST_KEY_CHANGED: 'REPO_HOST_NOT_TRUSTED',
  UNTRUSTED_CERTIFICATE: 'REPO_HOST_NOT_TRUSTED',
  REDIRECTED: 'CLONE_URL_REFUSED',
  UNKNOWN_REF: 'UNKNOWN_REF',
  UNKNOWN_COMMIT: 'UNKNOWN_COMMIT',
  TOO_LARGE: 'TOO_MANY_PATHS',
  BROKEN_MIRROR: 'PLAN_FAILED',
  FAILED: 'PLAN_FAILED',
};

/** What a failure of git means for the change. */
export function resolutionOf(error: GitError): Resolution {
  const failure: ChangeFailure = { code: codes[error.what], message: error.message, problems: [] };
  return { kind: error.isTransient ? 'RETRY' : 'FAILED', failure };
}
