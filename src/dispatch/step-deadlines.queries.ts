import type { Transaction } from '../database/hot-connection.js';
import { statement } from '../database/statement.js';
import type { EndedLease } from './reap.queries.js';

const runningSpecs = statement<{ sha256: Buffer }>(`
  select distinct j.spec_sha256 as sha256 from busy_workers l join jobs j on j.id = l.job_id where l.accepted`);

/** Specs of the builds that run now. */
export async function findRunningSpecs(transaction: Transaction): Promise<Buffer[]> {
  return (await transaction.run(runningSpecs, [])).map(({ sha256 }) => sha256);
}

const specBodies = statement<{ sha256: Buffer; body: string }>(
  `select sha256, body from job_specs where sha256 = any($1::bytea[])`,
);

/** The texts of specs. */
export function readSpecs(
  transaction: Transaction,
  sha256s: readonly Buffer[],
): Promise<{ sha256: Buffer; body: string }[]> {
  return transaction.run(specBodies, [sha256s]);
}

/** How long a step of a spec may be RUNNING, all of its runs together. */
export interface StepLimit {
  readonly spec: Buffer;
  /** As agents report it. */
  readonly number: number;
  readonly allowedMs: number;
}

/** A build with a step that runs for too long. */
export interface OverdueStep extends EndedLease {
  readonly name: string;
  readonly allowed_ms: number;
}

/** What runs comes first, and alone: by their specs the jobs of all times would be looked at. */
const overdueSteps = statement<OverdueStep>(`
  with l as materialized (
    select l.build_id, l.session_id, l.accepted, j.spec_sha256
    from busy_workers l join jobs j on j.id = l.job_id where l.accepted
  )
  select distinct on (l.build_id) l.build_id, l.session_id, l.accepted, s.name, s_limit.allowed_ms::double precision
  from unnest($1::bytea[], $2::integer[], $3::bigint[]) s_limit(spec, number, allowed_ms)
  join l on l.spec_sha256 = s_limit.spec
  join steps s on s.build_id = l.build_id and s.number = s_limit.number
  where s.status = 'RUNNING' and s.started_at < slipway_now() - s_limit.allowed_ms * interval '1 millisecond'
  order by l.build_id, s.number`);

/** Builds whose agent lets a step run beyond these limits. */
export function findOverdueSteps(
  transaction: Transaction,
  limits: readonly StepLimit[],
): Promise<OverdueStep[]> {
  return transaction.run(overdueSteps, [
    limits.map(({ spec }) => spec),
    limits.map(({ number }) => number),
    limits.map(({ allowedMs }) => allowedMs),
  ]);
}
