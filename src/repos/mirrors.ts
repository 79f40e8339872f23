import { join } from 'node:path';
import type { Git } from './git.js';
import { Mirror } from './mirror.js';

/** The mirrors of a server: one directory per repo, `<dir>/<repo id>.git`. All of it can be deleted at any time. */
export class Mirrors {
  readonly #mirrors = new Map<string, { readonly url: string; readonly mirror: Mirror }>();

  constructor(private readonly options: { readonly git: Git; readonly dir: string }) {}

  /** The mirror of a repo; one object per repo and URL, so that its work is done one after the other. */
  of(repo: { readonly id: string; readonly cloneUrl: string }): Mirror {
    const known = this.#mirrors.get(repo.id);
    if (known?.url === repo.cloneUrl) return known.mirror;
    const mirror = new Mirror(this.options.git, join(this.options.dir, `${repo.id}.git`), repo.cloneUrl);
    this.#mirrors.set(repo.id, { url: repo.cloneUrl, mirror });
    return mirror;
  }
}
