import { randomUUID, createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { quote } from '../base/errors.js';
import type { CloneCredential } from '../protocol/messages.js';
import type { Git } from './git.js';
import { GitError, GitFailure } from './git-error.js';
import { readTreeFile, type TreeFile } from './tree-file.js';
import { listChangedPaths } from './changed-paths.js';

/** Where to look for a commit. With both, the commit is meant and the ref only helps to find it. */
export interface CommitRequest {
  /** Full ref name, checked by the caller. */
  readonly ref?: string | null;
  /** Full commit id, checked by the caller. */
  readonly commit?: string | null;
  readonly signal?: AbortSignal | undefined;
}

/** What stays the same while a file or a difference is read. */
export interface MirrorRead {
  readonly signal?: AbortSignal | undefined;
}

/** Where a mirror fetches from, with the credential as it is when it fetches. */
export interface MirrorSource {
  readonly url: string;
  credential(): Promise<CloneCredential | null>;
}

/**
 * A bare copy of one remote repository: a cache, made at its first use and again when it is broken. Several processes
 * may share the directory: git's own locks keep its refs whole, and the directory appears and goes by one rename.
 */
export class Mirror {
  #last: Promise<unknown> = Promise.resolve();

  readonly #source: MirrorSource;

  constructor(
    private readonly git: Git,
    private readonly dir: string,
    source: MirrorSource,
  ) {
    this.#source = source;
  }

  /**
   * The commit that is meant, fetched when it is not here yet; a ref is always asked from the remote, since it moves.
   * Throws {@link GitError}: UNKNOWN_REF, UNKNOWN_COMMIT, UNREACHABLE, …
   */
  async resolve(request: CommitRequest): Promise<string> {
    const { commit, ref, signal } = request;
    if (typeof commit === 'string') {
      const known = await this.#lookUp(commit, signal);
      return known ?? this.#exclusively(() => this.#fetchCommit(commit, ref, signal));
    }
    if (typeof ref !== 'string') throw new Error('resolve needs a ref or a commit');
    return this.#exclusively(() => this.#resolveRef(ref, signal));
  }

  /** The first of the paths that is there at the commit; see {@link TreeFile}. Throws {@link GitError}. */
  async readFirstFile(
    commit: string,
    paths: readonly string[],
    limits: MirrorRead & { readonly maxBytes: number },
  ): Promise<TreeFile> {
    return this.#reading(() => readTreeFile({ git: this.git, dir: this.dir, commit, paths, ...limits }));
  }

  /** Paths that differ between two commits; without `base`, those that the commit itself changed. */
  async changedPaths(
    commit: string,
    options: MirrorRead & { readonly base?: string | undefined; readonly sinceFork?: boolean } = {},
  ): Promise<readonly string[]> {
    return this.#reading(() => listChangedPaths({ git: this.git, dir: this.dir, commit, ...options }));
  }

  async #fetchCommit(
    commit: string,
    ref: string | null | undefined,
    signal: AbortSignal | undefined,
  ): Promise<string> {
    const everything = ['+refs/heads/*:refs/slipway/heads/*', '+refs/tags/*:refs/slipway/tags/*'];
    const attempts = [
      [`+${commit}:${storedName(commit)}`],
      ...(typeof ref === 'string' ? [[`+${ref}:${storedName(ref)}`]] : []),
      everything,
    ];
    for (const refspecs of attempts) {
      await this.#fetch(refspecs, signal).catch((error: unknown) => {
        // Many servers give no commit by its id; it may come with a branch.
        if (!(error instanceof GitError) || !isNoSuchThing(error)) throw error;
      });
      const found = await this.#lookUp(commit, signal);
      if (found !== undefined) return found;
    }
    throw new GitError(GitFailure.UNKNOWN_COMMIT, `commit ${quote(commit)} was not found in the repository`);
  }

  async #resolveRef(ref: string, signal: AbortSignal | undefined): Promise<string> {
    const stored = storedName(ref);
    await this.#fetch([`+${ref}:${stored}`], signal).catch((error: unknown) => {
      if (!(error instanceof GitError) || error.what !== GitFailure.UNKNOWN_REF) throw error;
      throw new GitError(GitFailure.UNKNOWN_REF, `ref ${quote(ref)} was not found in the repository`);
    });
    const commit = await this.#lookUp(stored, signal);
    if (commit !== undefined) return commit;
    throw new GitError(GitFailure.UNKNOWN_REF, `ref ${quote(ref)} names no commit`);
  }

  /**
   * Fetches; whatever is not the remote's fault is taken for a broken mirror (a half-written pack, a lock that a killed
   * process left), which is made again once.
   */
  async #fetch(refspecs: readonly string[], signal: AbortSignal | undefined): Promise<void> {
    const remote = { url: this.#source.url, credential: await this.#source.credential(), refspecs };
    await this.#ensure(signal);
    try {
      await this.git.fetch(this.dir, remote, { signal });
    } catch (error) {
      if (!(error instanceof GitError) || error.what !== GitFailure.FAILED) throw error;
      await this.#discard();
      await this.#ensure(signal);
      await this.git.fetch(this.dir, remote, { signal });
    }
  }

  /** The commit behind a name; undefined when the mirror has none, or is broken: then a fetch will tell. */
  async #lookUp(name: string, signal: AbortSignal | undefined): Promise<string | undefined> {
    const args = ['rev-parse', '--verify', '--quiet', `${name}^{commit}`];
    try {
      return (await this.git.local(this.dir, args, { signal })).toString('utf8').trim();
    } catch (error) {
      if (error instanceof GitError && error.what === GitFailure.FAILED) return undefined;
      throw error;
    }
  }

  /** Made aside and moved into place: nobody ever sees half a mirror. */
  async #ensure(signal: AbortSignal | undefined): Promise<void> {
    // A look at the disk and not at git: one process less for each change. What is broken shows when it is used.
    if (existsSync(join(this.dir, 'HEAD'))) return;
    await mkdir(dirname(this.dir), { recursive: true, mode: 0o700 });
    const fresh = `${this.dir}.new-${randomUUID()}`;
    await this.git.init(fresh, { signal });
    try {
      await this.#moveIntoPlace(fresh);
    } finally {
      await rm(fresh, { recursive: true, force: true });
    }
  }

  async #moveIntoPlace(fresh: string): Promise<void> {
    try {
      await rename(fresh, this.dir);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOTEMPTY' && code !== 'EEXIST' && code !== 'ENOTDIR') throw error;
      // Another process was faster, or something that is no mirror is in the way.
      if (await this.#isRepository(undefined)) return;
      await this.#discard();
      await rename(fresh, this.dir);
    }
  }

  async #isRepository(signal: AbortSignal | undefined): Promise<boolean> {
    try {
      await this.git.local(this.dir, ['rev-parse', '--is-bare-repository'], { signal });
      return true;
    } catch (error) {
      if (error instanceof GitError && error.what === GitFailure.ABORTED) throw error;
      return false;
    }
  }

  /** A commit that was resolved must be readable: when it is not, the mirror is at fault and goes. */
  async #reading<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof GitError) || error.what !== GitFailure.FAILED) throw error;
      await this.#exclusively(() => this.#discard());
      throw new GitError(GitFailure.BROKEN_MIRROR, `the mirror was broken and goes (${error.message})`);
    }
  }

  async #discard(): Promise<void> {
    const trash = `${this.dir}.old-${randomUUID()}`;
    try {
      await rename(this.dir, trash);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      throw error;
    }
    await rm(trash, { recursive: true, force: true });
  }

  /** One at a time within this process: two fetches of one remote would download the same objects twice. */
  #exclusively<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }
}

function isNoSuchThing({ what }: GitError): boolean {
  return what === GitFailure.UNKNOWN_REF || what === GitFailure.UNKNOWN_COMMIT;
}

/** Remote names are hashed: `a` and `a/b` cannot both be files, and one of them may be long gone at the remote. */
function storedName(name: string): string {
  return `refs/slipway/names/${createHash('sha256').update(name).digest('hex')}`;
}
