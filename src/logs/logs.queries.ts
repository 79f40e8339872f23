import type { Queryable } from '../database/queryable.js';
import type { LogPosition } from './log-position.js';

/** Bytes that may belong to a character which the next chunk ends: one less than the longest has in UTF-8. */
const CARRY_BYTES = 3;

/** A stored piece of a step's log. */
export interface LogChunkRow {
  readonly step: number;
  readonly seq: number;
  readonly data: Uint8Array;
  readonly at: Date;
  /** The last bytes before it, at most three, so that a character cut in two can be put together. */
  readonly before: Uint8Array;
}

/** Which part of a log is wanted. */
export interface LogRange {
  readonly buildId: string;
  /** One step; undefined for all. */
  readonly step: number | undefined;
  readonly after: LogPosition;
  readonly limit: number;
}

/** The chunks after a position, by step and number. A chunk may be there before its predecessor is. */
export async function findLogChunks(db: Queryable, range: LogRange): Promise<readonly LogChunkRow[]> {
  const { rows } = await db.query<LogChunkRow>(
    `with seen as (select * from unnest($2::integer[], $3::integer[]) as seen (step, seq)),
     wanted as (
       select chunks.step, chunks.seq, chunks.data, chunks.at
       from log_chunks chunks left join seen on seen.step = chunks.step
       where chunks.build_id = $1 and ($4::integer is null or chunks.step = $4)
         and chunks.seq > coalesce(seen.seq, -1)
       order by chunks.step, chunks.seq limit $5
     )
     select wanted.*, coalesce((
       select substring(joined.tail from greatest(octet_length(joined.tail) - ${CARRY_BYTES - 1}, 1))
       from (
         select string_agg(recent.data, ''::bytea order by recent.seq) as tail
         from (
           select seq, substring(data from greatest(octet_length(data) - ${CARRY_BYTES - 1}, 1)) as data
           from log_chunks
           where build_id = $1 and step = wanted.step and seq < wanted.seq and seq >= wanted.seq - ${CARRY_BYTES}
         ) recent
       ) joined
     ), ''::bytea) as before
     from wanted order by step, seq`,
    [range.buildId, [...range.after.keys()], [...range.after.values()], range.step ?? null, range.limit],
  );
  return rows;
}

/** What is known of a log as a whole. */
export interface LogOutline {
  /** Nothing is stored any more. */
  readonly isSealed: boolean;
  /** The build is over. */
  readonly isBuildOver: boolean;
  /** For each step the last chunk that the agent announced at the end; null while the build runs. */
  readonly lastSeqs: ReadonlyMap<number, number> | null;
}

interface OutlineRow {
  readonly isSealed: boolean;
  readonly isBuildOver: boolean;
  readonly lengths: readonly { readonly step: number; readonly lastSeq: number }[] | null;
}

/** The outline of a build's log; undefined when there is no such build. */
export async function findLogOutline(db: Queryable, buildId: string): Promise<LogOutline | undefined> {
  const { rows } = await db.query<OutlineRow>(
    `select log_state in ('SEALED', 'ARCHIVED') as "isSealed", finished_at is not null as "isBuildOver",
       log_lengths as lengths
     from builds where id = $1`,
    [buildId],
  );
  const [row] = rows;
  return (
    row && { ...row, lastSeqs: row.lengths && new Map(row.lengths.map((log) => [log.step, log.lastSeq])) }
  );
}
