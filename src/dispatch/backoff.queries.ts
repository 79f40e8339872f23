import type { Transaction } from '../database/hot-connection.js';
import { statement } from '../database/statement.js';
import type { BackoffPolicy } from '../base/backoff.js';

/** A failure that is held against a worker, or against a job. */
export interface Charge {
  readonly subjectId: string;
  readonly process: 'DISPATCH' | 'BUILD' | 'CHALLENGE';
  readonly cause: string;
}

/**
 * One row per subject and process. The interval grows by the factor, rounded up to whole seconds so that it strictly
 * grows, up to the cap (base/backoff.ts has the same arithmetic and the reference values); `until` gets jitter on top.
 */
function chargeStatement(table: string, column: string) {
  return statement(`
    insert into ${table} as b (${column}, process, until, cause, last_interval_s, failures)
    select id, process, slipway_now() + $4::integer * (1 + random() * 0.1) * interval '1 second', cause, $4::integer, 1
    from unnest($1::uuid[], $2::work_process[], $3::text[]) charge(id, process, cause) order by id, process
    on conflict (${column}, process) do update set
      last_interval_s = least($6::integer, greatest(b.last_interval_s + 1, ceil(b.last_interval_s * $5::numeric)))::integer,
      until = slipway_now() + (1 + random() * 0.1) * interval '1 second'
        * least($6::integer, greatest(b.last_interval_s + 1, ceil(b.last_interval_s * $5::numeric))),
      cause = excluded.cause, failures = b.failures + 1`);
}

const chargeWorkersStatement = chargeStatement('work_backoff', 'worker_id');
const chargeJobsStatement = chargeStatement('job_backoff', 'job_id');

/** Charges workers; a worker's process is left alone until its backoff ends. */
export async function chargeWorkers(
  transaction: Transaction,
  charges: readonly Charge[],
  policy: BackoffPolicy,
): Promise<void> {
  if (charges.length > 0) await transaction.run(chargeWorkersStatement, columns(charges, policy));
}

/** Charges jobs; the delay itself is the job's `ready_at`. */
export async function chargeJobs(
  transaction: Transaction,
  charges: readonly Charge[],
  policy: BackoffPolicy,
): Promise<void> {
  if (charges.length > 0) await transaction.run(chargeJobsStatement, columns(charges, policy));
}

const forgiveStatement = statement(`
  with worker as (delete from work_backoff where worker_id = any($1::uuid[]) and process in ('DISPATCH', 'BUILD'))
  delete from job_backoff where job_id = any($2::uuid[])`);

/** A success forgives its worker and its job. */
export async function forgive(
  transaction: Transaction,
  succeeded: { workerIds: readonly string[]; jobIds: readonly string[] },
): Promise<void> {
  if (succeeded.jobIds.length > 0)
    await transaction.run(forgiveStatement, [succeeded.workerIds, succeeded.jobIds]);
}

/** One charge for each subject and process: an upsert cannot touch a row twice. */
function columns(charges: readonly Charge[], policy: BackoffPolicy): unknown[] {
  const unique = [
    ...new Map(charges.map((charge) => [`${charge.subjectId} ${charge.process}`, charge])).values(),
  ];
  return [
    unique.map(({ subjectId }) => subjectId),
    unique.map(({ process }) => process),
    unique.map(({ cause }) => cause),
    policy.initialS,
    policy.factor,
    policy.maxS,
  ];
}
