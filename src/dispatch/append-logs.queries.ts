import type { Transaction } from '../database/hot-connection.js';
import { statement } from '../database/statement.js';
import { LOG_TAIL_MS } from '../logs/index.js';
import { FENCE, fenceColumns } from './report.queries.js';

/** A piece of a step's log as its agent sends it. */
export interface ReportedChunk {
  readonly step: number;
  readonly seq: number;
  readonly data: Buffer;
}

/** Chunks of one build's logs. */
export interface ChunksReport {
  readonly buildId: string;
  readonly workerId: string;
  readonly chunks: readonly ReportedChunk[];
}

/** What a server stores of a log; the rest is left out. A chunk counts for its bytes and for its row. */
export interface LogCaps {
  readonly stepBytes: number;
  readonly buildBytes: number;
}

/** What the row of a chunk costs besides its bytes: empty chunks without end must not fill the table either. */
const ROW_BYTES = 64;

/**
 * A chunk that is there already stays as it is. After the end of a build its tail is taken for a while, up to the
 * sequence numbers that its agent announced with the result. From the first chunk on that would exceed a cap, a step's
 * log takes no more; whoever sent it is answered as if it had been stored, since a build must not fail for its noise.
 * The sums are read without a lock: two replicas at once, after a resume, may exceed a cap by one batch.
 *
 * Chunks and logs are looked up one by one, by their keys: a join that was planned while the tables were empty would
 * read all of both, for the life of the connection. What belongs to a batch alone is put together by hashed sub-plans
 * and by one grouping, never by a loop over a loop: 5,000 small chunks of 500 builds come in one batch. The casts
 * leave one index for the builds, that of their ids: the others have all logs that drain, or all builds of a worker.
 *
 * All bytes come as one parameter, which travels in binary: an array of them would be twice as long in hexadecimal.
 */
const appendChunks = statement<{ build_id: string }>(`
  with ${FENCE},
  tail as materialized (
    select b.id as build_id, b.log_lengths
    from unnest($1::uuid[], $2::uuid[]) claim(build_id, worker_id)
    join builds b on b.id = claim.build_id and b.worker_id::text = claim.worker_id::text
    where b.log_state::text = 'DRAINING' and b.finished_at > slipway_now() - ${LOG_TAIL_MS} * interval '1 millisecond'
    for share of b
  ),
  sent as materialized (
    select * from unnest($3::uuid[], $4::integer[], $5::integer[], $6::integer[], $7::integer[])
      c(build_id, step, seq, start, size)
  ),
  announced as materialized (
    select tail.build_id, (l ->> 'step')::integer as step, (l ->> 'lastSeq')::integer as last_seq
    from tail cross join jsonb_array_elements(tail.log_lengths) l
  ),
  fresh as materialized (
    select distinct on (c.build_id, c.step, c.seq) c.*
    from sent c left join announced a on a.build_id = c.build_id and a.step = c.step
    where (c.build_id in (select build_id from lease) or c.seq <= a.last_seq)
      and (select k.seq from log_chunks k where (k.build_id, k.step, k.seq) = (c.build_id, c.step, c.seq)) is null
    order by c.build_id, c.step, c.seq
  ),
  used as materialized (
    select build_id, sum(bytes + ${ROW_BYTES} * chunks) as bytes from step_logs where build_id = any($1::uuid[]) group by build_id
  ),
  under_step as materialized (
    select f.*, (f.seq < coalesce(s.capped_from, 2147483647) and coalesce(s.bytes + ${ROW_BYTES} * s.chunks, 0)
        + sum(f.size + ${ROW_BYTES}) over (partition by f.build_id, f.step order by f.seq) <= $9::bigint) as fits
    from fresh f left join lateral (
      select capped_from, bytes, chunks from step_logs s where s.build_id = f.build_id and s.step = f.step limit 1
    ) s on true
  ),
  judged as materialized (
    select u.*, u.fits and coalesce(used.bytes, 0)
        + sum(u.size + ${ROW_BYTES}) filter (where u.fits) over (partition by u.build_id order by u.step, u.seq) <= $10::bigint
      as is_taken
    from under_step u left join used on used.build_id = u.build_id
  ),
  written as (
    insert into log_chunks (build_id, step, seq, data)
    select build_id, step, seq, substring($8::bytea from start + 1 for size) from judged where is_taken
    order by build_id, step, seq
    on conflict do nothing
    returning build_id, step, seq, octet_length(data) as size
  ),
  changes as (
    select build_id, step, 1 as chunks, size as bytes, seq as max_seq, null::integer as capped_from from written
    union all
    select build_id, step, 0, 0, -1, case when not is_taken then seq end from judged
  ),
  counted as (
    insert into step_logs as s (build_id, step, chunks, bytes, max_seq, capped_from)
    select build_id, step, sum(chunks), sum(bytes), max(max_seq), min(capped_from)
    from changes group by build_id, step order by build_id, step
    on conflict (build_id, step) do update set
      chunks = s.chunks + excluded.chunks, bytes = s.bytes + excluded.bytes,
      max_seq = greatest(s.max_seq, excluded.max_seq), capped_from = least(s.capped_from, excluded.capped_from)
  )
  select build_id from lease
  union
  select build_id from tail where build_id not in (
    select c.build_id from sent c left join announced a on a.build_id = c.build_id and a.step = c.step
    where c.seq > coalesce(a.last_seq, -1))`);

/** Stores log chunks up to the caps; answers the builds whose log has taken all that came for it. */
export async function writeChunks(
  transaction: Transaction,
  reports: readonly ChunksReport[],
  caps: LogCaps,
): Promise<Set<string>> {
  const chunks = reports.flatMap(({ buildId, chunks }) => chunks.map((chunk) => ({ buildId, ...chunk })));
  let end = 0;
  const starts = chunks.map(({ data }) => (end += data.byteLength) - data.byteLength);
  const rows = await transaction.run(appendChunks, [
    ...fenceColumns(reports),
    chunks.map(({ buildId }) => buildId),
    chunks.map(({ step }) => step),
    chunks.map(({ seq }) => seq),
    starts,
    chunks.map(({ data }) => data.byteLength),
    Buffer.concat(chunks.map(({ data }) => data)),
    caps.stepBytes,
    caps.buildBytes,
  ]);
  return new Set(rows.map(({ build_id }) => build_id));
}
