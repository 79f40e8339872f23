import { ValidationError } from '../base/errors.js';
import { type GitUrl, originOf } from '../git/git-url.js';
import { refuseAccess } from '../git/git-access.js';
import { normaliseKnownHosts, refuseKnownHosts } from '../git/known-hosts.js';
import { checkSshKey, normaliseSshKey } from '../git/ssh-key.js';
import type { CloneCredential } from '../protocol/messages.js';

/** What a person gives; exactly one of the two. */
export interface CredentialInput {
  readonly httpsToken?: { readonly username: string; readonly token: string } | null | undefined;
  readonly sshKey?: { readonly privateKey: string; readonly knownHosts: string } | null | undefined;
}

/** A credential that can be kept, for one server alone. */
export interface CheckedCredential {
  readonly credential: CloneCredential;
  /** The only server that it is shown to; see {@link originOf}. */
  readonly origin: string;
  /** Of the public half of a key. */
  readonly fingerprint: string | null;
}

/** For messages: a secret is never repeated. */
const NOT_SHOWN = 'a value, not shown';
const KEY_CHARS = 16_384;
const HOSTS_CHARS = 65_536;

/** Judges a credential for a clone URL. Throws a ValidationError that repeats no secret. */
export function checkCredential(input: CredentialInput, url: GitUrl): CheckedCredential {
  const { credential, fingerprint } = readCredential(input);
  const refusal = refuseAccess(url, credential);
  if (refusal !== undefined) throw ValidationError.of('credential', credential.kind, refusal);
  return { credential, fingerprint, origin: originOf(url) };
}

function readCredential({ httpsToken, sshKey }: CredentialInput): Omit<CheckedCredential, 'origin'> {
  if (httpsToken && !sshKey) return { credential: readToken(httpsToken), fingerprint: null };
  if (sshKey && !httpsToken) return readKey(sshKey);
  throw ValidationError.of('credential', httpsToken ? 'both' : '', 'either httpsToken or sshKey');
}

function readToken({
  username,
  token,
}: NonNullable<CredentialInput['httpsToken']>): Extract<CloneCredential, { kind: 'HTTPS_TOKEN' }> {
  if (!/^[^\x00-\x20\x7f:]{1,256}$/.test(username)) {
    const expected = 'a user name of at most 256 characters, without spaces and colons';
    throw ValidationError.of('credential.httpsToken.username', NOT_SHOWN, expected);
  }
  if (!/^[\x21-\x7e]{1,4096}$/.test(token)) {
    const expected = 'a token of at most 4096 visible ASCII characters';
    throw ValidationError.of('credential.httpsToken.token', NOT_SHOWN, expected);
  }
  return { kind: 'HTTPS_TOKEN', username, token };
}

function readKey(given: NonNullable<CredentialInput['sshKey']>): Omit<CheckedCredential, 'origin'> {
  const privateKey = normaliseSshKey(given.privateKey);
  const check =
    privateKey.length > KEY_CHARS
      ? ({ kind: 'REFUSED', reason: `it has more than ${KEY_CHARS} characters` } as const)
      : checkSshKey(privateKey);
  if (check.kind === 'REFUSED') {
    const expected = `a private key without a passphrase, but ${check.reason}`;
    throw ValidationError.of('credential.sshKey.privateKey', NOT_SHOWN, expected);
  }
  const knownHosts = readKnownHosts(given.knownHosts);
  return { credential: { kind: 'SSH_KEY', privateKey, knownHosts }, fingerprint: check.fingerprint };
}

function readKnownHosts(given: string): string {
  const knownHosts = normaliseKnownHosts(given);
  const refusal = knownHosts.length > HOSTS_CHARS ? 'it is too long' : refuseKnownHosts(knownHosts);
  if (refusal === undefined) return knownHosts;
  const expected = `lines as "ssh-keyscan HOST" prints them (compare them with what the server's operator says), but ${refusal}`;
  throw ValidationError.of('credential.sshKey.knownHosts', given === '' ? '' : NOT_SHOWN, expected);
}
