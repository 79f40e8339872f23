import { isDeepStrictEqual } from 'node:util';
import type { Queryable } from '../database/queryable.js';
import { originOf, readGitUrl } from '../git/git-url.js';
import type { CloneCredential } from '../protocol/messages.js';
import { type EnvelopeOwner, type MasterKeys, openEnvelope, sealEnvelope } from '../tokens/index.js';
import type { CheckedCredential } from './credential.js';
import { type EnvelopedCredential, findCredential } from './credentials.queries.js';

/** Which credential is wanted, and for what. */
export interface CredentialRequest {
  readonly repoId: string;
  /** What is about to be cloned; a repo's URL may have changed since. */
  readonly url: string;
}

/**
 * What is inside an envelope. The server that it is for is sealed in: whoever can only write to the table sends it
 * nowhere else.
 */
interface Content {
  readonly origin: string;
  readonly credential: CloneCredential;
}

/** The credentials of repos: sealed for the database, opened for a clone and for nothing else. */
export class RepoCredentials {
  constructor(
    private readonly db: Queryable,
    private readonly keys: MasterKeys,
  ) {}

  /** The envelope of a checked credential, for this repo alone. */
  seal(repoId: string, { origin, credential }: CheckedCredential): Uint8Array {
    const content: Content = { origin, credential };
    return sealEnvelope(this.keys, Buffer.from(JSON.stringify(content)), credentialOwner(repoId));
  }

  /** The credential of a repo for a URL; null when it has none, or one for another server. Throws UnreadableEnvelope. */
  async of({ repoId, url }: CredentialRequest): Promise<CloneCredential | null> {
    const row = await findCredential(this.db, repoId);
    return row === undefined ? null : openCredential(this.keys, row, url);
  }

  /** True when the repo has exactly this credential for exactly this server. */
  async isStored(repoId: string, { credential, origin }: CheckedCredential): Promise<boolean> {
    const row = await findCredential(this.db, repoId);
    return row !== undefined && isDeepStrictEqual(contentOf(this.keys, row), { origin, credential });
  }
}

/** Opens a stored credential for a URL; null when it is for another server. Throws UnreadableEnvelope. */
export function openCredential(
  keys: MasterKeys,
  row: EnvelopedCredential,
  url: string,
): CloneCredential | null {
  const { origin, credential } = contentOf(keys, row);
  const wanted = readGitUrl(url);
  return wanted !== undefined && originOf(wanted) === origin ? credential : null;
}

function contentOf(keys: MasterKeys, { id, credential }: EnvelopedCredential): Content {
  const plain = Buffer.from(openEnvelope(keys, credential, credentialOwner(id)));
  return JSON.parse(plain.toString('utf8')) as Content;
}

/** By which the envelope of a credential is bound to the row of its repo. */
export function credentialOwner(repoId: string): EnvelopeOwner {
  return ['repos', repoId, 'credential'];
}
