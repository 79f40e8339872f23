import { Batcher } from '../database/batcher.js';
import type { HotConnection } from '../database/hot-connection.js';
import type { MasterKeys } from '../tokens/index.js';
import { findWantedSecrets } from './build-secrets.queries.js';
import { grantSecrets, type BuildSecrets } from './build-secrets.js';
import { wishesOf, type AskingBuild, type Wishes } from './wanted-secrets.js';

/** A build that asks for at least one secret that there may be. */
interface Asking {
  readonly buildId: string;
  readonly wishes: Wishes;
}

/**
 * Reads the secrets of builds whose packages are made. Nothing is kept: what is set or removed counts from the next
 * package on, also when a package is made again. Builds of one claim, and of claims that follow each other closely,
 * share one query; a build without secrets waits for none.
 */
export class SecretReader {
  readonly #batcher: Batcher<Asking, BuildSecrets>;

  constructor(private readonly options: { connection: HotConnection; masterKeys: MasterKeys }) {
    this.#batcher = new Batcher({
      name: 'secrets',
      keyOf: ({ buildId }) => buildId,
      run: (items) => this.#run(items),
    });
  }

  /** What the build gets now. Rejects with STORE_UNAVAILABLE while the database is away. */
  async read(build: AskingBuild): Promise<BuildSecrets> {
    const wishes = wishesOf(build);
    if (wishes.wanted.length === 0) return { kind: 'READ', secrets: [], refusedSecrets: wishes.refused };
    return this.#batcher.add({ buildId: build.id, wishes });
  }

  async #run(items: readonly Asking[]): Promise<BuildSecrets[]> {
    const wanted = items.flatMap(({ buildId, wishes }) =>
      wishes.wanted.map((secret) => ({ buildId, secret })),
    );
    const found = await this.options.connection.transaction((tx) => findWantedSecrets(tx, wanted));
    const byPosition = new Map(found.map((row) => [row.position, row]));
    let position = 0;
    return items.map(({ wishes }) => {
      const rows = wishes.wanted.map(() => byPosition.get(++position));
      return grantSecrets(wishes, rows, this.options.masterKeys);
    });
  }
}
