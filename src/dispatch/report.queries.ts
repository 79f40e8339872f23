import type { Transaction } from '../database/hot-connection.js';
import { statement } from '../database/statement.js';
import type { StepReport } from '../protocol/messages.js';
import { lockJobsOfBuilds } from './facts.queries.js';

/**
 * Every write for a build is fenced by its lease: the row is locked `for key share`, so that the end of the build waits
 * for the write, or the write finds the lease gone. `$1` builds, `$2` workers.
 */
export const FENCE = `
  lease as materialized (
    select l.build_id from unnest($1::uuid[], $2::uuid[]) claim(build_id, worker_id)
    join busy_workers l on l.build_id = claim.build_id and l.worker_id = claim.worker_id and l.accepted
    for key share of l
  )`;

const startBuildsStatement = statement<{ build_id: string }>(`
  with ${FENCE},
  started as (
    update builds b set started_at = slipway_now(), updated_at = slipway_now()
    from lease where b.id = lease.build_id and b.started_at is null
  )
  select build_id from lease`);

/**
 * Notes that the agents have begun; answers the builds whose lease is live. The jobs are locked first, as by whoever
 * ends the builds: the fence takes leases before builds, the end builds before leases.
 */
export async function startBuilds(
  transaction: Transaction,
  builds: readonly { buildId: string; workerId: string }[],
): Promise<Set<string>> {
  const [, rows] = await Promise.all([
    lockJobsOfBuilds(
      transaction,
      builds.map(({ buildId }) => buildId),
    ),
    transaction.run(startBuildsStatement, fenceColumns(builds)),
  ]);
  return new Set(rows.map(({ build_id }) => build_id));
}

/** Steps only go forward: a late report never takes a final state back. */
const upsertSteps = statement<{ build_id: string }>(`
  with ${FENCE},
  written as (
    insert into steps (build_id, number, name, status, exit_code, error, started_at, finished_at)
    select s.build_id, s.number, s.name, s.status, s.exit_code, s.error,
      slipway_now() - s.elapsed_ms * interval '1 millisecond',
      case when s.status not in ('PENDING', 'RUNNING') then slipway_now() end
    from unnest($3::uuid[], $4::integer[], $5::text[], $6::step_status[], $7::integer[], $8::text[], $9::double precision[])
      s(build_id, number, name, status, exit_code, error, elapsed_ms)
    join lease on lease.build_id = s.build_id
    order by s.build_id, s.number
    on conflict (build_id, number) do update set
      status = excluded.status, exit_code = excluded.exit_code, error = excluded.error,
      started_at = coalesce(steps.started_at, excluded.started_at), finished_at = excluded.finished_at
    where steps.status in ('PENDING', 'RUNNING')
  )
  select build_id from lease`);

/** What an agent reports of the steps of one build; each number at most once. */
export interface StepsReport {
  readonly buildId: string;
  readonly workerId: string;
  readonly steps: readonly StepReport[];
}

/** Writes the state of steps; answers the builds whose lease is live. */
export async function writeSteps(
  transaction: Transaction,
  reports: readonly StepsReport[],
): Promise<Set<string>> {
  const steps = reports.flatMap(({ buildId, steps }) => steps.map((step) => ({ buildId, ...step })));
  const rows = await transaction.run(upsertSteps, [
    ...fenceColumns(reports),
    steps.map(({ buildId }) => buildId),
    steps.map(({ number }) => number),
    steps.map(({ name }) => name),
    steps.map(({ status }) => status),
    steps.map(({ exitCode }) => exitCode),
    steps.map(({ error }) => error),
    steps.map(({ elapsedMs }) => elapsedMs),
  ]);
  return new Set(rows.map(({ build_id }) => build_id));
}

const nextSeqs = statement<{ build_id: string; step: number; next: number }>(`
  select build_id, step, max_seq + 1 as next from step_logs where build_id = any($1::uuid[])`);

/** For each build, by step, the sequence number after the last stored chunk. */
export async function readNextSeqs(
  transaction: Transaction,
  buildIds: readonly string[],
): Promise<Map<string, Record<string, number>>> {
  const rows = await transaction.run(nextSeqs, [buildIds]);
  const result = new Map<string, Record<string, number>>();
  for (const { build_id, step, next } of rows)
    result.set(build_id, { ...result.get(build_id), [step]: next });
  return result;
}

const statusesOf = statement<{ id: string; status: string }>(
  `select id, status from builds where id = any($1::uuid[])`,
);

/** The status of builds, for answers about those that are over. */
export async function readStatuses(
  transaction: Transaction,
  buildIds: readonly string[],
): Promise<Map<string, string>> {
  const rows = await transaction.run(statusesOf, [buildIds]);
  return new Map(rows.map(({ id, status }) => [id, status]));
}

/** The parameters of {@link FENCE}. */
export function fenceColumns(
  items: readonly { readonly buildId: string; readonly workerId: string }[],
): unknown[] {
  return [items.map(({ buildId }) => buildId), items.map(({ workerId }) => workerId)];
}
