import { assertNever } from '../base/assert-never.js';
import type { CloneCredential } from '../protocol/messages.js';
import { originOf, type GitUrl, type RemoteUrl } from './git-url.js';
import { withSshAccess } from './ssh-access.js';

/** What a git process is started with so that it may speak to one remote. Nothing of it shows in its arguments. */
export interface GitAccess {
  /** Added to the environment of that process alone. */
  readonly environment: Readonly<Record<string, string>>;
  /** Program and words that come before `git …`. */
  readonly wrapper: readonly string[];
  /** For the standard input of the first program; undefined for none. */
  readonly input: string | undefined;
}

/** Whom git speaks to, and what it shows there. */
export interface GitRemote {
  readonly url: GitUrl;
  readonly credential: CloneCredential | null;
  /** The only addresses to connect to, when they were checked before; else the host is looked up. */
  readonly addresses?: readonly string[] | undefined;
}

/** Why a credential cannot be used for a URL, or the URL not without one; undefined when they fit. */
export function refuseAccess(url: GitUrl, credential: CloneCredential | null): string | undefined {
  if (url.kind === 'ssh' && credential?.kind !== 'SSH_KEY') {
    return `${url.url} is cloned by ssh: it needs a credential with a key and known hosts`;
  }
  if (credential?.kind === 'SSH_KEY' && url.kind !== 'ssh') {
    return `a key is for ssh, and ${url.url} is not cloned by it`;
  }
  return credential?.kind === 'HTTPS_TOKEN' && url.kind !== 'https'
    ? `a token is for https, and ${url.url} is not cloned by it`
    : undefined;
}

/**
 * Runs git for one remote with its credential. A token is a setting in the environment of git, for that server alone; a
 * key is handed to an ssh-agent. Neither is on disk at any time, nor in an argument, and both end with the work.
 */
export async function withGitAccess<T>(
  remote: GitRemote,
  work: (access: GitAccess) => Promise<T>,
): Promise<T> {
  const { url, credential } = remote;
  const refusal = refuseAccess(url, credential);
  // Without a key of ours ssh would look for those of the user that we run as.
  if (refusal !== undefined) throw new Error(refusal);
  if (url.kind === 'local') return work(accessBy([]));
  if (credential === null) return work(accessBy(pins(url, remote.addresses)));
  switch (credential.kind) {
    case 'HTTPS_TOKEN':
      return work(accessBy([...pins(url, remote.addresses), ...header(url, credential)]));
    case 'SSH_KEY':
      return withSshAccess({ ...remote, url }, credential, work);
    default:
      return assertNever(credential, 'credential');
  }
}

/** Settings by environment outrank every file, and no list of processes shows them. */
function accessBy(settings: readonly (readonly [string, string])[]): GitAccess {
  const environment: Record<string, string> = { GIT_CONFIG_COUNT: String(settings.length) };
  for (const [index, [key, value]] of settings.entries()) {
    environment[`GIT_CONFIG_KEY_${index}`] = key;
    environment[`GIT_CONFIG_VALUE_${index}`] = value;
  }
  return { environment, wrapper: [], input: undefined };
}

/** git connects to these addresses for the host and asks no name server (git 2.37 and newer). */
function pins(url: RemoteUrl, addresses: readonly string[] | undefined): (readonly [string, string])[] {
  if (addresses === undefined || url.kind !== 'https') return [];
  return [['http.curloptResolve', `${url.host}:${url.port}:${addresses.join(',')}`]];
}

/** Sent at once and to this server alone: git itself asks for a login only after a refusal. */
function header(
  url: RemoteUrl,
  { username, token }: Extract<CloneCredential, { kind: 'HTTPS_TOKEN' }>,
): (readonly [string, string])[] {
  const login = Buffer.from(`${username}:${token}`).toString('base64');
  return url.kind === 'https'
    ? [[`http.${originOf(url)}/.extraHeader`, `Authorization: Basic ${login}`]]
    : [];
}
