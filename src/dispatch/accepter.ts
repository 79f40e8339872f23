import { Batcher } from '../database/batcher.js';
import type { Hints } from '../database/hints.js';
import type { HotConnection } from '../database/hot-connection.js';
import type { BuildStatus } from '../builds/builds.state.js';
import { writeAcceptances, type Acceptance } from './accept.queries.js';
import { lockBuildFacts, type BuildFacts } from './facts.queries.js';

/** An accept whose proofs are in order: whether it counts, only the locked job says. */
export interface AcceptRequest {
  readonly buildId: string;
  readonly workerId: string;
  readonly sessionId: string;
  readonly headSha256: string;
  /** False when this session was never offered the build: then only an accept that counted before is confirmed. */
  readonly mayAccept: boolean;
}

export type AcceptVerdict =
  | { readonly kind: 'ACCEPTED'; readonly hardDeadlineMs: number }
  /** Somebody canceled the job before it was accepted: the offer is to be ended. */
  | { readonly kind: 'CANCELED' }
  /** The worker has opened another session, which has the lease now. */
  | { readonly kind: 'MOVED' }
  | { readonly kind: 'STALE'; readonly status: BuildStatus | null };

/** Accepts offers in batches. The job row decides, under its lock, and nothing else does. */
export class Accepter {
  readonly #batcher: Batcher<AcceptRequest, AcceptVerdict>;

  constructor(private readonly options: { connection: HotConnection; hints: Hints; prepareMs: number }) {
    this.#batcher = new Batcher({
      name: 'accept',
      keyOf: ({ buildId }) => buildId,
      run: (requests) => this.#run(requests),
    });
  }

  accept(request: AcceptRequest): Promise<AcceptVerdict> {
    return this.#batcher.add(request);
  }

  async #run(requests: readonly AcceptRequest[]): Promise<AcceptVerdict[]> {
    const { connection, hints, prepareMs } = this.options;
    const decided = await connection.transaction(async (transaction) => {
      const facts = await lockBuildFacts(
        transaction,
        requests.map(({ buildId }) => buildId),
        { withGroups: false },
      );
      const decided = requests.map((request) => decide(facts.get(request.buildId), request, prepareMs));
      const acceptances = decided.flatMap(({ acceptance }) => (acceptance === undefined ? [] : [acceptance]));
      await Promise.all([writeAcceptances(transaction, acceptances, { prepareMs }), transaction.commit()]);
      return decided;
    });
    for (const { acceptance } of decided) {
      if (acceptance === undefined) continue;
      const { job_id, group_id, repo_id, worker_id } = acceptance.facts;
      hints.publish('job.updated', { job: job_id, group: group_id, repo: repo_id });
      hints.publish('worker.updated', { worker: worker_id });
    }
    return decided.map(({ verdict }) => verdict);
  }
}

interface Decision {
  readonly verdict: AcceptVerdict;
  readonly acceptance?: Acceptance;
}

function decide(facts: BuildFacts | undefined, request: AcceptRequest, prepareMs: number): Decision {
  if (facts === undefined) return { verdict: { kind: 'STALE', status: null } };
  if (facts.worker_id !== request.workerId || facts.lease_session_id === null)
    return { verdict: { kind: 'STALE', status: facts.status } };
  if (facts.lease_session_id !== request.sessionId) return { verdict: { kind: 'MOVED' } };
  if (facts.accepted) return { verdict: { kind: 'ACCEPTED', hardDeadlineMs: facts.hard_deadline_ms ?? 0 } };
  if (facts.job_state === 'PROCESSING' && request.mayAccept) {
    return {
      verdict: { kind: 'ACCEPTED', hardDeadlineMs: facts.timeout_ms + prepareMs },
      acceptance: { facts, headSha256: Buffer.from(request.headSha256, 'base64url') },
    };
  }
  return {
    verdict:
      facts.job_state === 'CANCEL_PENDING' ? { kind: 'CANCELED' } : { kind: 'STALE', status: facts.status },
  };
}
