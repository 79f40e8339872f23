import type { Transaction } from '../database/hot-connection.js';
import { statement } from '../database/statement.js';

/** For so long after its end a build's log takes what was announced and has not arrived. */
export const LOG_TAIL_MS = 30_000;

/** Logs that are sealed in one go; what is left comes a second later. */
const LIMIT = 500;

/**
 * A log is due when all that was announced is there, or was cut off by a cap, or when its tail has had its time. Locked
 * here and judged in the statements after: a chunk that was stored while the lock was waited for is then counted.
 */
const lockDue = statement<{ id: string }>(`
  select b.id from builds b
  where b.log_state = 'DRAINING' and (
    b.finished_at <= slipway_now() - ${LOG_TAIL_MS} * interval '1 millisecond'
    or not exists (
      select 1 from jsonb_array_elements(coalesce(b.log_lengths, '[]')) l
      left join step_logs s on s.build_id = b.id and s.step = (l ->> 'step')::integer
      where least((l ->> 'lastSeq')::bigint, s.capped_from - 1) + 1 > (
        select count(*) from log_chunks c
        where c.build_id = b.id and c.step = (l ->> 'step')::integer and c.seq <= (l ->> 'lastSeq')::integer)))
  order by b.finished_at limit ${LIMIT}
  for no key update of b skip locked`);

/**
 * Notes of each step's log where it ends and how many of its chunks never came. It ends with the last chunk that is
 * there or was announced; a log that was cut off ends with the notice of that, which stands for the first chunk left
 * out.
 */
const closeStepLogs = statement(`
  with announced as (
    select b.id as build_id, (l ->> 'step')::integer as step, max((l ->> 'lastSeq')::integer) as last_seq
    from builds b cross join jsonb_array_elements(coalesce(b.log_lengths, '[]')) l
    where b.id = any($1::uuid[]) group by b.id, (l ->> 'step')::integer
  ),
  stored as (select * from step_logs where build_id = any($1::uuid[])),
  ends as (
    select build_id, step, capped_from,
      least(greatest(stored.max_seq, announced.last_seq), capped_from - 1) as last_chunk
    from stored full join announced using (build_id, step)
  )
  insert into step_logs as s (build_id, step, last_seq, missing, sealed_at, archive_after)
  select build_id, step, coalesce(capped_from, last_chunk),
    last_chunk::bigint + 1 - (
      select count(*) from log_chunks c where c.build_id = ends.build_id and c.step = ends.step and c.seq <= last_chunk),
    slipway_now(), slipway_now()
  from ends where coalesce(capped_from, last_chunk) >= 0 and step >= 0
  order by build_id, step
  on conflict (build_id, step) do update set
    last_seq = excluded.last_seq, missing = excluded.missing, sealed_at = excluded.sealed_at,
    archive_after = excluded.archive_after
  where s.sealed_at is null`);

const markSealed = statement(`
  update builds set log_state = 'SEALED', updated_at = slipway_now() where id = any($1::uuid[])`);

/** Seals the logs that are due; answers of which builds. */
export async function sealLogs(transaction: Transaction): Promise<string[]> {
  const builds = (await transaction.run(lockDue, [])).map(({ id }) => id);
  if (builds.length === 0) return [];
  await Promise.all([transaction.run(closeStepLogs, [builds]), transaction.run(markSealed, [builds])]);
  return builds;
}
