import type { BackoffPolicy } from '../base/backoff.js';
import { Batcher } from '../database/batcher.js';
import type { Hints } from '../database/hints.js';
import type { HotConnection, Transaction } from '../database/hot-connection.js';
import { chargeJobs, chargeWorkers, forgive, type Charge } from './backoff.queries.js';
import { lockBuildFacts } from './facts.queries.js';
import { foldNodes } from './fold.queries.js';
import { createJobs, type CreatedJob } from './jobs.queries.js';
import { markLanesWaiting } from './lanes.queries.js';
import { writeSettlements } from './settle.queries.js';
import { judgeEnding, type Ending, type Settlement, type Verdict } from './settlement.js';
import { recordBuildsFinished, refreshWorkerStatus } from './worker-status.queries.js';

export interface SettlerOptions {
  readonly connection: HotConnection;
  readonly hints: Hints;
  readonly backoff: BackoffPolicy;
  readonly agingMs: number;
}

/**
 * Ends builds, whoever says so: finished, refused, unacknowledged, withdrawn, lost, timed out. Final state, lease,
 * slot, history, charges, the job's next state and the fold into its group are one transaction.
 */
export class Settler {
  readonly #batcher: Batcher<Ending, Verdict>;

  constructor(private readonly options: SettlerOptions) {
    this.#batcher = new Batcher({
      name: 'settle',
      keyOf: ({ buildId }) => buildId,
      run: (endings) => this.#run(endings),
    });
  }

  /** Ends one build; the verdict says whether it did. */
  settle(ending: Ending): Promise<Verdict> {
    return this.#batcher.add(ending);
  }

  async #run(endings: readonly Ending[]): Promise<Verdict[]> {
    let created: CreatedJob[] = [];
    const verdicts = await this.options.connection.transaction(async (transaction) => {
      const buildIds = endings.map(({ buildId }) => buildId);
      const facts = await lockBuildFacts(transaction, buildIds, { withGroups: true });
      const judged = endings.map((ending) => judgeEnding(facts.get(ending.buildId), ending));
      created = await this.#write(transaction, settlementsOf(judged));
      return judged;
    });
    this.#announce(settlementsOf(verdicts), created);
    return verdicts;
  }

  async #write(transaction: Transaction, settlements: readonly Settlement[]): Promise<CreatedJob[]> {
    if (settlements.length === 0) return [];
    const [startedNodes] = await Promise.all([
      foldNodes(transaction, nodeEndings(settlements)),
      writeSettlements(transaction, settlements),
    ]);
    const created = await createJobs(transaction, startedNodes);
    await Promise.all([
      markLanesWaiting(transaction, waitingLanes(settlements, created), this.options.agingMs),
      recordBuildsFinished(transaction, settlements.filter(wasAccepted).map(workerOf)),
      refreshWorkerStatus(transaction, settlements.map(workerOf)),
      ...this.#chargeAndForgive(transaction, settlements),
      transaction.commit(),
    ]);
    return created;
  }

  #chargeAndForgive(transaction: Transaction, settlements: readonly Settlement[]): Promise<void>[] {
    const charged = settlements.filter(({ charge }) => charge !== null);
    const succeeded = settlements.filter(({ ending }) => ending.ending === 'SUCCEEDED');
    return [
      chargeWorkers(
        transaction,
        charged.map((settlement) => chargeFor(settlement, workerOf(settlement))),
        this.options.backoff,
      ),
      chargeJobs(
        transaction,
        charged
          .filter(({ jobEnding }) => jobEnding !== 'WITHDRAWN')
          .map((settlement) => chargeFor(settlement, settlement.facts.job_id)),
        this.options.backoff,
      ),
      forgive(transaction, {
        workerIds: succeeded.map(workerOf),
        jobIds: succeeded.map(({ facts }) => facts.job_id),
      }),
    ];
  }

  #announce(settlements: readonly Settlement[], created: readonly CreatedJob[]): void {
    const { hints } = this.options;
    for (const { facts } of settlements) {
      hints.publish('job.updated', { job: facts.job_id, group: facts.group_id, repo: facts.repo_id });
      hints.publish('log.appended', { build: facts.build_id });
      hints.publish('worker.updated', { worker: facts.worker_id });
    }
    for (const job of created)
      hints.publish('job.updated', { job: job.id, group: job.group_id, repo: job.repo_id });
    for (const group of new Set(settlements.map(({ facts }) => facts.group_id)))
      hints.publish('group.updated', { group });
    for (const target of new Set(settlements.map(({ facts }) => facts.target)))
      hints.publish('job.claimable', { target });
  }
}

function settlementsOf(verdicts: readonly Verdict[]): Settlement[] {
  return verdicts.flatMap((verdict) => (verdict.kind === 'SETTLE' ? [verdict.settlement] : []));
}

function nodeEndings(settlements: readonly Settlement[]) {
  return settlements.flatMap(({ facts, nodeState, builtIdent }) =>
    nodeState === null ? [] : [{ nodeId: facts.node_id, state: nodeState, builtIdent }],
  );
}

function waitingLanes(settlements: readonly Settlement[], created: readonly CreatedJob[]): string[] {
  const requeued = settlements
    .filter(({ jobState }) => jobState === 'PENDING')
    .map(({ facts }) => facts.lane_id);
  return [...new Set([...requeued, ...created.map(({ lane_id }) => lane_id)])];
}

function chargeFor({ charge, ending }: Settlement, subjectId: string): Charge {
  return { subjectId, process: charge ?? 'BUILD', cause: ending.error ?? ending.ending };
}

function wasAccepted({ history }: Settlement): boolean {
  return history.process === 'BUILD';
}

function workerOf({ facts }: Settlement): string {
  return facts.worker_id;
}
