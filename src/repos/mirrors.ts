import { join } from 'node:path';
import type { CloneCredential } from '../protocol/messages.js';
import type { Git } from './git.js';
import { Mirror } from './mirror.js';
import type { CredentialRequest } from './repo-credentials.js';

export interface MirrorsOptions {
  readonly git: Git;
  readonly dir: string;
  /** What is shown to remotes; nothing without. */
  readonly credentials?: { of(request: CredentialRequest): Promise<CloneCredential | null> };
}

/** The mirrors of a server: one directory per repo, `<dir>/<repo id>.git`. All of it can be deleted at any time. */
export class Mirrors {
  readonly #mirrors = new Map<string, { readonly url: string; readonly mirror: Mirror }>();

  constructor(private readonly options: MirrorsOptions) {}

  /** The mirror of a repo; one object per repo and URL, so that its work is done one after the other. */
  of(repo: { readonly id: string; readonly cloneUrl: string }): Mirror {
    const known = this.#mirrors.get(repo.id);
    if (known?.url === repo.cloneUrl) return known.mirror;
    const { git, dir, credentials } = this.options;
    const request = { repoId: repo.id, url: repo.cloneUrl };
    const mirror = new Mirror(git, join(dir, `${repo.id}.git`), {
      url: repo.cloneUrl,
      credential: async () => (await credentials?.of(request)) ?? null,
    });
    this.#mirrors.set(repo.id, { url: repo.cloneUrl, mirror });
    return mirror;
  }
}
