import { groupBy } from '../base/group-by.js';
import { Batcher } from '../database/batcher.js';
import type { HotConnection } from '../database/hot-connection.js';
import type { ClaimedBuild } from './claim.queries.js';
import { chargeLanes } from './lanes.queries.js';
import { refreshWorkerStatus } from './worker-status.queries.js';

/**
 * Books what a claim has taken: the shares of its lanes and the status of its workers. Not in the claim's own
 * transaction, since a claim must wait for nobody while it holds sessions: whoever opens a session holds the worker
 * and waits for the session.
 */
export class ClaimKeeper {
  readonly #batcher: Batcher<ClaimedBuild, void>;

  constructor(private readonly options: { connection: HotConnection }) {
    this.#batcher = new Batcher({
      name: 'keep',
      keyOf: ({ build_id }) => build_id,
      run: (builds) => this.#run(builds),
    });
  }

  keep(build: ClaimedBuild): Promise<void> {
    return this.#batcher.add(build);
  }

  async #run(builds: readonly ClaimedBuild[]): Promise<void[]> {
    const lanes = groupBy(builds, ({ lane_id }) => lane_id);
    await this.options.connection.transaction(async (transaction) => {
      await Promise.all([
        chargeLanes(transaction, new Map([...lanes].map(([id, taken]) => [id, taken.length]))),
        refreshWorkerStatus(
          transaction,
          builds.map(({ worker_id }) => worker_id),
        ),
        transaction.commit(),
      ]);
    });
    return builds.map(() => undefined);
  }
}
