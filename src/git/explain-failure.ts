import type { CloneCredential } from '../protocol/messages.js';
import { GitFailure } from './git-failure.js';
import type { GitUrl, RemoteUrl } from './git-url.js';

/** What a remote was asked with. */
export interface Asked {
  readonly url: GitUrl;
  /** Kind of the credential that was shown; null for none. */
  readonly shown: CloneCredential['kind'] | null;
}

/**
 * What a failure means and what to do about it, in a sentence without any credential; undefined where git's own words
 * say it best.
 */
export function explainFailure(what: GitFailure, { url, shown }: Asked): string | undefined {
  if (url.kind === 'local') return undefined;
  switch (what) {
    case GitFailure.ACCESS_DENIED:
      return explainDenial(url, shown);
    case GitFailure.REPO_NOT_FOUND:
      return `${url.host} has no such repository${shown === null ? ', or shows it to nobody without a credential' : ', or does not show it to this credential'}`;
    case GitFailure.HOST_KEY_UNKNOWN:
      return `the known hosts of the repo's credential have no key of ${hostKeyName(url)}: get one by "${keyscan(url)}", compare it with what the server's operator says, and give it with the key`;
    case GitFailure.HOST_KEY_CHANGED:
      return `${hostKeyName(url)} shows another host key than the known hosts say: it was replaced, or somebody stands in between; ask the server's operator before you give a new one`;
    case GitFailure.UNTRUSTED_CERTIFICATE:
      return `the certificate of ${url.host} is not trusted: its authority is not known here (SLIPWAY_GIT_CA_FILE names your own), or it is for another name or time`;
    case GitFailure.REDIRECTED:
      return `${url.host} sends git to another address, which is not followed: give that address as the clone URL if it is the right one`;
    default:
      return undefined;
  }
}

function explainDenial({ host }: RemoteUrl, shown: Asked['shown']): string {
  switch (shown) {
    case null:
      return `${host} wants a credential for this repository, and the repo has none`;
    case 'HTTPS_TOKEN':
      return `${host} does not take the token of the repo's credential (wrong, expired, or not for this repository)`;
    case 'SSH_KEY':
      return `${host} does not take the key of the repo's credential (not registered there, or not for this user)`;
  }
}

/** As it stands in a file of known hosts. */
export function hostKeyName({ host, port }: RemoteUrl): string {
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  return port === 22 ? bare : `[${bare}]:${port}`;
}

function keyscan({ host, port }: RemoteUrl): string {
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  return port === 22 ? `ssh-keyscan ${bare}` : `ssh-keyscan -p ${port} ${bare}`;
}
