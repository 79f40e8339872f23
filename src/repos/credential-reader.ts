import { Batcher } from '../database/batcher.js';
import type { HotConnection } from '../database/hot-connection.js';
import { readGitUrl } from '../git/git-url.js';
import type { CloneCredential } from '../protocol/messages.js';
import { type MasterKeys, UnreadableEnvelope } from '../tokens/index.js';
import { findCredentials } from './credentials.queries.js';
import { type CredentialRequest, openCredential } from './repo-credentials.js';

/** What a build's clone gets. */
export type BuildCredential =
  | { readonly kind: 'READ'; readonly credential: CloneCredential | null }
  /** There is one, and it cannot be opened: a clone without it would only fail with less to say. */
  | { readonly kind: 'UNREADABLE'; readonly reason: string; readonly cause: UnreadableEnvelope };

interface Asking extends CredentialRequest {
  readonly buildId: string;
}

const UNREADABLE =
  "the repo's credential cannot be opened: it was changed in the database, or sealed by a master key that the server has not; give it again";

/**
 * Reads the credentials of builds whose packages are made, as they are by then. Builds of one claim, and of claims that
 * follow each other closely, share one query; a clone of this machine waits for none.
 */
export class CredentialReader {
  readonly #batcher: Batcher<Asking, BuildCredential>;

  constructor(private readonly options: { connection: HotConnection; masterKeys: MasterKeys }) {
    this.#batcher = new Batcher({
      name: 'credentials',
      keyOf: ({ buildId }) => buildId,
      run: (items) => this.#run(items),
    });
  }

  /** What the clone of the build gets now. Rejects with STORE_UNAVAILABLE while the database is away. */
  async read(asking: Asking): Promise<BuildCredential> {
    const url = readGitUrl(asking.url);
    if (url === undefined || url.kind === 'local') return { kind: 'READ', credential: null };
    return this.#batcher.add(asking);
  }

  async #run(items: readonly Asking[]): Promise<BuildCredential[]> {
    const repoIds = [...new Set(items.map(({ repoId }) => repoId))];
    const found = await this.options.connection.transaction((tx) => findCredentials(tx, repoIds));
    const byRepo = new Map(found.map((row) => [row.id, row]));
    return items.map(({ repoId, url }) => {
      const row = byRepo.get(repoId);
      if (row === undefined) return { kind: 'READ', credential: null };
      try {
        return { kind: 'READ', credential: openCredential(this.options.masterKeys, row, url) };
      } catch (cause) {
        if (!(cause instanceof UnreadableEnvelope)) throw cause;
        return { kind: 'UNREADABLE', reason: UNREADABLE, cause };
      }
    });
  }
}
