import type { Transaction } from '../database/hot-connection.js';
import { statement } from '../database/statement.js';
import type { BuildFacts } from './facts.queries.js';

/** A build whose offer its worker has accepted. */
export interface Acceptance {
  readonly facts: BuildFacts;
  readonly headSha256: Buffer;
}

/** `$1` builds, `$2` heads, `$3` time that a build may take: preparing and running. */
const runBuilds = statement(`
  update builds b set status = 'RUNNING', accepted_at = slipway_now(), head_sha256 = a.head_sha256,
    hard_deadline = slipway_now() + a.limit_ms * interval '1 millisecond', updated_at = slipway_now()
  from unnest($1::uuid[], $2::bytea[], $3::bigint[]) a(id, head_sha256, limit_ms)
  where b.id = a.id and b.status = 'OFFERED'`);

const bindLeases = statement(`
  update busy_workers l set accepted = true, hard_deadline = b.hard_deadline
  from builds b where b.id = any($1::uuid[]) and l.build_id = b.id`);

const runJobs = statement(`
  update jobs set state = 'RUNNING', attempts = attempts + 1, started_at = coalesce(started_at, slipway_now()),
    updated_at = slipway_now()
  where id = any($1::uuid[]) and state = 'PROCESSING'`);

const writeHistory = statement(`
  insert into work_history (worker_id, hostname, process, event, build_id, session_id)
  select a.worker_id, a.hostname, step.process, step.event, a.build_id, a.session_id
  from unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[]) a(worker_id, hostname, build_id, session_id)
  cross join (values ('DISPATCH'::work_process, 'Finished'::work_history_event), ('BUILD', 'Started'))
    step(process, event)`);

const touchWorkers = statement(`
  with worker as materialized (select id from workers where id = any($1::uuid[]) order by id for no key update)
  update workers set last_build_started_at = slipway_now() from worker where workers.id = worker.id`);

/** Makes accepted offers RUNNING: job, build, lease, history and worker, decided before on the locked job. */
export async function writeAcceptances(
  transaction: Transaction,
  acceptances: readonly Acceptance[],
  options: { prepareMs: number },
): Promise<void> {
  if (acceptances.length === 0) return;
  const facts = acceptances.map((acceptance) => acceptance.facts);
  const buildIds = facts.map(({ build_id }) => build_id);
  await Promise.all([
    transaction.run(runJobs, [facts.map(({ job_id }) => job_id)]),
    transaction.run(runBuilds, [
      buildIds,
      acceptances.map(({ headSha256 }) => headSha256),
      facts.map(({ timeout_ms }) => timeout_ms + options.prepareMs),
    ]),
    transaction.run(bindLeases, [buildIds]),
    transaction.run(writeHistory, [
      facts.map(({ worker_id }) => worker_id),
      facts.map(({ hostname }) => hostname),
      buildIds,
      facts.map(({ lease_session_id }) => lease_session_id),
    ]),
    transaction.run(touchWorkers, [[...new Set(facts.map(({ worker_id }) => worker_id))]]),
  ]);
}
