import type { Transaction } from '../database/hot-connection.js';
import { statement } from '../database/statement.js';
import type { StepReport } from '../protocol/messages.js';
import { lockJobsOfBuilds } from './facts.queries.js';

/**
 * Every write for a build is fenced by its lease: the row is locked `for key share`, so that the end of the build waits
 * for the write, or the write finds the lease gone. `$1` builds, `$2` workers.
 */
const FENCE = `
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

/** Chunks of one build's logs. */
export interface ChunksReport {
  readonly buildId: string;
  readonly workerId: string;
  readonly chunks: readonly { readonly step: number; readonly seq: number; readonly data: Buffer }[];
}

/** For so long after its end a build's log takes what was announced and has not arrived. */
const TAIL_MS = 30_000;

/**
 * A chunk that is there already stays as it is. After the end of a build its tail is taken for a while, up to the
 * sequence numbers that its agent announced with the result.
 */
const insertChunks = statement<{ build_id: string }>(`
  with ${FENCE},
  tail as materialized (
    select b.id as build_id, b.log_lengths
    from unnest($1::uuid[], $2::uuid[]) claim(build_id, worker_id)
    join builds b on b.id = claim.build_id and b.worker_id = claim.worker_id
    where b.log_state = 'DRAINING' and b.finished_at > slipway_now() - ${TAIL_MS} * interval '1 millisecond'
    for share of b
  ),
  written as (
    insert into log_chunks (build_id, step, seq, data)
    select c.build_id, c.step, c.seq, c.data
    from unnest($3::uuid[], $4::integer[], $5::integer[], $6::bytea[]) c(build_id, step, seq, data)
    left join lease on lease.build_id = c.build_id
    left join tail on tail.build_id = c.build_id
    where lease.build_id is not null
      or c.seq <= (select (l ->> 'lastSeq')::integer from jsonb_array_elements(tail.log_lengths) l
                   where (l ->> 'step')::integer = c.step)
    order by c.build_id, c.step, c.seq
    on conflict do nothing
  )
  select build_id from lease
  union
  select tail.build_id from tail where not exists (
    select 1 from unnest($3::uuid[], $4::integer[], $5::integer[]) c(build_id, step, seq)
    where c.build_id = tail.build_id and not exists (
      select 1 from jsonb_array_elements(tail.log_lengths) l
      where (l ->> 'step')::integer = c.step and c.seq <= (l ->> 'lastSeq')::integer))`);

/** Stores log chunks; answers the builds whose log has taken all that came for it. */
export async function writeChunks(
  transaction: Transaction,
  reports: readonly ChunksReport[],
): Promise<Set<string>> {
  const chunks = reports.flatMap(({ buildId, chunks }) => chunks.map((chunk) => ({ buildId, ...chunk })));
  const rows = await transaction.run(insertChunks, [
    ...fenceColumns(reports),
    chunks.map(({ buildId }) => buildId),
    chunks.map(({ step }) => step),
    chunks.map(({ seq }) => seq),
    chunks.map(({ data }) => data),
  ]);
  return new Set(rows.map(({ build_id }) => build_id));
}

/** A log is sealed when all that was announced is there, or when its tail has had its time. */
const sealLogs = statement<{ id: string }>(`
  update builds b set log_state = 'SEALED', updated_at = slipway_now()
  where b.log_state = 'DRAINING' and (
    b.finished_at <= slipway_now() - ${TAIL_MS} * interval '1 millisecond'
    or not exists (
      select 1 from jsonb_array_elements(coalesce(b.log_lengths, '[]')) l
      where (l ->> 'lastSeq')::bigint + 1 > (
        select count(*) from log_chunks c where c.build_id = b.id and c.step = (l ->> 'step')::integer)))
  returning b.id`);

/** Seals the logs that are complete; answers which. */
export async function sealCompleteLogs(transaction: Transaction): Promise<string[]> {
  return (await transaction.run(sealLogs, [])).map(({ id }) => id);
}

const nextSeqs = statement<{ build_id: string; step: number; next: number }>(`
  select build_id, step, max(seq) + 1 as next from log_chunks where build_id = any($1::uuid[]) group by build_id, step`);

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

function fenceColumns(items: readonly { readonly buildId: string; readonly workerId: string }[]): unknown[] {
  return [items.map(({ buildId }) => buildId), items.map(({ workerId }) => workerId)];
}
