import { Batcher } from '../database/batcher.js';
import type { HotConnection, Transaction } from '../database/hot-connection.js';
import type { Hints } from '../database/hints.js';
import type { PlannedGroup } from '../groups/group-plan.js';
import { insertGraph, insertPlannedGroups, lockChangeStates, type NodeRow } from './admit.queries.js';
import type { FreshClaim } from './claim.queries.js';
import { createJobs, type CreatedJob } from './jobs.queries.js';
import { markLanesWaiting } from './lanes.queries.js';
import type { NodePlacing } from './node-placing.js';
import type { Superseder } from './superseder.js';

/** What became of a planned group. */
export type AdmitOutcome =
  | { readonly kind: 'ADMITTED'; readonly groupId: string }
  /** The change was planned before, by this call's forerunner or by another replica: nothing was written. */
  | { readonly kind: 'DUPLICATE'; readonly groupId: string }
  /** The change is not being resolved any more (it failed, or its lease went to another replica and was given back). */
  | { readonly kind: 'NOT_RESOLVING'; readonly groupId: string; readonly state: string | null };

/** All groups of one change. */
interface Admittance {
  readonly changeId: string;
  readonly groups: readonly PlannedGroup[];
}

/** A job that the running transaction creates. */
export type NewJob = Pick<NodeRow, 'target' | 'laneId'>;

/** Binds jobs of the running transaction to free slots at once, where there are any ("sync match"). */
export interface SyncMatch {
  claimWithin(transaction: Transaction, jobs: readonly NewJob[]): Promise<FreshClaim[]>;
  /** Called after the commit with what `claimWithin` had claimed. */
  dispatch(claimed: readonly FreshClaim[]): void;
}

/** Turns planned groups into rows, in batches: a change becomes PLANNED in the transaction that writes its groups. */
export class Admission {
  readonly #batcher: Batcher<Admittance, readonly AdmitOutcome[]>;

  constructor(
    private readonly options: {
      connection: HotConnection;
      nodes: NodePlacing;
      match: SyncMatch;
      hints: Hints;
      superseder: Superseder;
      agingMs: number;
    },
  ) {
    this.#batcher = new Batcher({
      name: 'admit',
      keyOf: ({ changeId }) => changeId,
      run: (items) => this.#run(items),
      maxSize: 200,
    });
  }

  /** Admits groups of one change; see {@link AdmitOutcome}. */
  async admit(groups: readonly PlannedGroup[]): Promise<readonly AdmitOutcome[]> {
    const changeId = groups[0]?.changeId;
    if (changeId === undefined) return [];
    if (groups.some((group) => group.changeId !== changeId))
      throw new Error('admit takes the groups of one change');
    return this.#batcher.add({ changeId, groups });
  }

  async #run(items: readonly Admittance[]): Promise<(readonly AdmitOutcome[])[]> {
    const rows = await this.#nodeRows(items);
    let claimed: FreshClaim[] = [];
    let jobs: CreatedJob[] = [];
    const states = await this.options.connection.transaction(async (transaction) => {
      const states = await lockChangeStates(
        transaction,
        items.map(({ changeId }) => changeId),
      );
      const fresh = new Set(
        items.filter(({ changeId }) => states.get(changeId) === 'RESOLVING').flatMap(groupsOf),
      );
      ({ jobs, claimed } = await this.#write(transaction, [...fresh], rows));
      return states;
    });
    this.options.match.dispatch(claimed);
    this.#announce(jobs, claimed);
    await this.#supersede(rows);
    return items.map((item) => outcomesOf(item, states.get(item.changeId)));
  }

  async #write(
    transaction: Transaction,
    groups: readonly PlannedGroup[],
    rowsOf: ReadonlyMap<string, readonly NodeRow[]>,
  ): Promise<{ jobs: CreatedJob[]; claimed: FreshClaim[] }> {
    if (groups.length === 0) return { jobs: [], claimed: [] };
    const rows = groups.flatMap(({ id }) => rowsOf.get(id) ?? []);
    const roots = rows.filter(({ node }) => node.dependsOn.length === 0);
    // Sent in this order: the claim's first statement travels with those that create what it claims.
    const [, , jobs, claimed] = await Promise.all([
      insertPlannedGroups(transaction, groups),
      insertGraph(transaction, rows),
      createJobs(
        transaction,
        roots.map(({ id }) => id),
      ),
      this.options.match.claimWithin(transaction, roots),
    ]);
    const taken = new Set(claimed.map(({ job_id }) => job_id));
    const waiting = jobs.filter(({ id }) => !taken.has(id)).map(({ lane_id }) => lane_id);
    await Promise.all([
      markLanesWaiting(transaction, [...new Set(waiting)], this.options.agingMs),
      transaction.commit(),
    ]);
    return { jobs, claimed };
  }

  async #nodeRows(items: readonly Admittance[]): Promise<Map<string, NodeRow[]>> {
    const groups = items.flatMap(groupsOf);
    const rows = await Promise.all(groups.map((group) => this.options.nodes.place(group)));
    return new Map(groups.map(({ id }, index) => [id, rows[index] ?? []]));
  }

  /** After the commit: what two admissions have not seen of each other, the later one sees. */
  async #supersede(rowsOf: ReadonlyMap<string, readonly NodeRow[]>): Promise<void> {
    const rows = [...rowsOf.values()].flat();
    const concurrencyGroupIds = rows.flatMap((row) => row.concurrencyGroupId ?? []);
    if (concurrencyGroupIds.length > 0) await this.options.superseder.supersede(concurrencyGroupIds);
  }

  #announce(jobs: readonly CreatedJob[], claimed: readonly FreshClaim[]): void {
    for (const job of jobs)
      this.options.hints.publish('job.updated', { job: job.id, group: job.group_id, repo: job.repo_id });
    if (claimed.length === jobs.length) return;
    for (const target of new Set(jobs.map((job) => job.target)))
      this.options.hints.publish('job.claimable', { target });
  }
}

function groupsOf(item: Admittance): readonly PlannedGroup[] {
  return item.groups;
}

function outcomesOf(item: Admittance, state: string | undefined): readonly AdmitOutcome[] {
  return item.groups.map(({ id: groupId }) => {
    if (state === 'RESOLVING') return { kind: 'ADMITTED', groupId };
    if (state === 'PLANNED') return { kind: 'DUPLICATE', groupId };
    return { kind: 'NOT_RESOLVING', groupId, state: state ?? null };
  });
}
