import { groupBy } from '../base/group-by.js';
import { Batcher } from '../database/batcher.js';
import type { HotConnection, Transaction } from '../database/hot-connection.js';
import type { FreshClaim } from './claim.queries.js';
import { noteLaneStarts } from './lanes.queries.js';
import { chargeShares, type ShareCharge } from './shares.queries.js';
import { refreshWorkerStatus } from './worker-status.queries.js';

/**
 * Books what a claim has taken: the shares of its owners, the ranks of its lanes and the status of its workers. Not in
 * the claim's own transaction, since a claim must wait for nobody while it holds sessions: whoever opens a session holds
 * the worker and waits for the session.
 */
export class ClaimKeeper {
  readonly #batcher: Batcher<FreshClaim, void>;

  constructor(private readonly options: { connection: HotConnection; agingMs: number }) {
    this.#batcher = new Batcher({
      name: 'keep',
      keyOf: ({ build_id }) => build_id,
      run: (builds) => this.#run(builds),
    });
  }

  keep(build: FreshClaim): Promise<void> {
    return this.#batcher.add(build);
  }

  async #run(builds: readonly FreshClaim[]): Promise<void[]> {
    const laneIds = [...new Set(builds.map(({ lane_id }) => lane_id))];
    const workerIds = builds.map(({ worker_id }) => worker_id);
    await this.options.connection.transaction(async (transaction) => {
      await Promise.all([
        noteLaneStarts(transaction, laneIds, this.options.agingMs),
        chargeAll(transaction, builds),
        refreshWorkerStatus(transaction, workerIds),
        transaction.commit(),
      ]);
    });
    return builds.map(() => undefined);
  }
}

/** Class by class in the order of their ids, as everybody does. */
async function chargeAll(transaction: Transaction, builds: readonly FreshClaim[]): Promise<void> {
  const ofClass = [...groupBy(builds, ({ workerClassId }) => workerClassId)];
  const sorted = ofClass.toSorted(([a], [b]) => (a < b ? -1 : 1));
  await Promise.all(
    sorted.map(([classId, started]) => chargeShares(transaction, classId, chargesFor(started))),
  );
}

/** What organisations and repos are to be charged for builds that were started. */
function chargesFor(builds: readonly Pick<FreshClaim, 'lane'>[]): ShareCharge[] {
  const charges = new Map<string, ShareCharge>();
  const add = (ownerId: string, vtime: number, weight: number): void => {
    const { fromVtime, strides } = charges.get(ownerId) ?? { fromVtime: vtime, strides: 0 };
    charges.set(ownerId, {
      ownerId,
      fromVtime: Math.max(fromVtime, vtime),
      strides: strides + 1 / weight,
    });
  };
  for (const { lane } of builds) {
    add(lane.organisation_id, lane.organisation_vtime, lane.organisation_weight);
    add(lane.repo_id, lane.repo_vtime, lane.repo_weight);
  }
  return [...charges.values()];
}
