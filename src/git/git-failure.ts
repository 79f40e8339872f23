import type { ValueOf } from '../base/state-machine.js';
import { cut } from '../base/text.js';
import type { GitUrl } from './git-url.js';

/** What went wrong with git, as far as somebody can act on it. */
export const GitFailure = {
  /** The remote did not answer, or not to the end. */
  UNREACHABLE: 'UNREACHABLE',
  TIMEOUT: 'TIMEOUT',
  ABORTED: 'ABORTED',
  REFUSED_PROTOCOL: 'REFUSED_PROTOCOL',
  /** The host's address is not one that this server may connect to. */
  REFUSED_ADDRESS: 'REFUSED_ADDRESS',
  /** Wrong token, key that the server does not take, or nothing to show at all. */
  ACCESS_DENIED: 'ACCESS_DENIED',
  /** What some servers also say of repositories that the credential may not see. */
  REPO_NOT_FOUND: 'REPO_NOT_FOUND',
  HOST_KEY_UNKNOWN: 'HOST_KEY_UNKNOWN',
  HOST_KEY_CHANGED: 'HOST_KEY_CHANGED',
  UNTRUSTED_CERTIFICATE: 'UNTRUSTED_CERTIFICATE',
  REDIRECTED: 'REDIRECTED',
  UNKNOWN_REF: 'UNKNOWN_REF',
  UNKNOWN_COMMIT: 'UNKNOWN_COMMIT',
  TOO_LARGE: 'TOO_LARGE',
  /** Our own copy cannot be read; it is made again at the next use. */
  BROKEN_MIRROR: 'BROKEN_MIRROR',
  /** Anything else that git refused. */
  FAILED: 'FAILED',
} as const;
export type GitFailure = ValueOf<typeof GitFailure>;

/**
 * The first pattern that is found in git's words names the failure. Texts of git 2.30 to 2.50, curl with OpenSSL or
 * GnuTLS, and OpenSSH 8 to 10, in the C locale.
 */
const signs: readonly (readonly [RegExp, GitFailure])[] = [
  [/transport '[^']*' not allowed|unable to find remote helper/i, GitFailure.REFUSED_PROTOCOL],
  [/couldn't find remote ref|no such remote ref/i, GitFailure.UNKNOWN_REF],
  [/not our ref|unadvertised object/i, GitFailure.UNKNOWN_COMMIT],
  [/remote host identification has changed|host key for .* has changed/i, GitFailure.HOST_KEY_CHANGED],
  [/host key verification failed|no .* host key is known/i, GitFailure.HOST_KEY_UNKNOWN],
  [
    /permission denied \(|error loading key|could not read username|authentication failed|returned error: 40[13]\b|too many authentication failures/i,
    GitFailure.ACCESS_DENIED,
  ],
  [
    /certificate verification failed|certificate problem|certificate subject name|alternative certificate subject/i,
    GitFailure.UNTRUSTED_CERTIFICATE,
  ],
  [/returned error: 30\d\b|unable to update url base/i, GitFailure.REDIRECTED],
  [/repository '[^']*' not found|repository not found|returned error: 404\b/i, GitFailure.REPO_NOT_FOUND],
  [
    /could not read from remote|does not appear to be a git repository|unable to access|could not resolve|the remote end hung up|early eof|rpc failed|unexpected disconnect|expected flush after/i,
    GitFailure.UNREACHABLE,
  ],
];

/** What git's messages on standard error mean for a command that talked to this URL, or to none. */
export function classifyGitFailure(stderr: string, url?: GitUrl): GitFailure {
  // A path that is missing may be a disk that is not mounted; a server's word is final.
  if (url?.kind === 'ssh' && /does not appear to be a git repository/i.test(stderr)) {
    return GitFailure.REPO_NOT_FOUND;
  }
  return signs.find(([pattern]) => pattern.test(stderr))?.[1] ?? GitFailure.FAILED;
}

/** git's own words for a message: its first complaint, shortened, without user names and passwords of URLs. */
export function firstComplaint(stderr: string): string {
  const lines = stderr.split('\n').map((line) => line.trim());
  const complaint = lines.find((line) => /^(fatal|error|remote):/.test(line)) ?? lines[0] ?? '';
  return cut(complaint.replaceAll(/\/\/[^/@\s]*@/g, '//***@'), 300);
}
