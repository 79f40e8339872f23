import { DomainError, ErrorCode } from '../base/errors.js';
import type { ValueOf } from '../base/state-machine.js';
import { cut } from '../base/text.js';

/** What went wrong with git, as far as a caller can act on it. */
export const GitFailure = {
  /** The remote did not answer, or says that it has no such repository (which is what some say of private ones). */
  UNREACHABLE: 'UNREACHABLE',
  TIMEOUT: 'TIMEOUT',
  ABORTED: 'ABORTED',
  REFUSED_PROTOCOL: 'REFUSED_PROTOCOL',
  UNKNOWN_REF: 'UNKNOWN_REF',
  UNKNOWN_COMMIT: 'UNKNOWN_COMMIT',
  TOO_LARGE: 'TOO_LARGE',
  /** Our own copy cannot be read; it is made again at the next use. */
  BROKEN_MIRROR: 'BROKEN_MIRROR',
  /** Anything else that git refused. */
  FAILED: 'FAILED',
} as const;
export type GitFailure = ValueOf<typeof GitFailure>;

/** Failures that will be the same however often one asks. */
const lasting: ReadonlySet<GitFailure> = new Set([
  GitFailure.REFUSED_PROTOCOL,
  GitFailure.UNKNOWN_REF,
  GitFailure.UNKNOWN_COMMIT,
  GitFailure.TOO_LARGE,
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
    return !lasting.has(this.what);
  }
}

/** The first pattern that is found in git's words names the failure. Texts of git 2.30 to 2.50 in the C locale. */
const signs: readonly (readonly [RegExp, GitFailure])[] = [
  [/transport '[^']*' not allowed|unable to find remote helper/i, GitFailure.REFUSED_PROTOCOL],
  [/couldn't find remote ref|no such remote ref/i, GitFailure.UNKNOWN_REF],
  [/not our ref|unadvertised object/i, GitFailure.UNKNOWN_COMMIT],
  [
    /could not read from remote|does not appear to be a git repository|unable to access|could not resolve|repository '.*' not found|could not read username|authentication failed|the remote end hung up|early eof|rpc failed|unable to update url base/i,
    GitFailure.UNREACHABLE,
  ],
];

/** What git's messages on standard error mean. */
export function classifyGitFailure(stderr: string): GitFailure {
  return signs.find(([pattern]) => pattern.test(stderr))?.[1] ?? GitFailure.FAILED;
}

/** git's own words for a message: its first complaint, shortened, without user names and passwords of URLs. */
export function firstComplaint(stderr: string): string {
  const lines = stderr.split('\n').map((line) => line.trim());
  const complaint = lines.find((line) => /^(fatal|error|remote):/.test(line)) ?? lines[0] ?? '';
  return cut(complaint.replaceAll(/\/\/[^/@\s]*@/g, '//***@'), 300);
}
