import type { Queryable } from '../database/queryable.js';
import { CARRY_BYTES } from './log-piece.js';

/** Which chunks of a step are wanted: those after a number and before another one, within bounds. */
export interface ChunkRange {
  readonly buildId: string;
  readonly step: number;
  readonly after: number;
  /** Exclusive; null for no end. */
  readonly before: number | null;
  readonly maxChunks: number;
  /** The first chunk comes whatever its size. */
  readonly maxBytes: number;
}

/** A stored chunk. */
export interface StoredChunk {
  readonly seq: number;
  readonly at: Date;
  readonly data: Buffer;
}

/** What was found of a {@link ChunkRange}. */
export interface StoredChunks {
  readonly chunks: readonly StoredChunk[];
  /** The end of up to three chunks directly before, oldest first: a character may have been cut in two, or in four. */
  readonly ends: readonly StoredChunk[];
  /** True when nothing of the range is left beyond them. */
  readonly isAll: boolean;
}

/**
 * Sizes first, which stand in the rows themselves; only the chunks that fit are then fetched from where PostgreSQL keeps
 * large values. A hundred chunks may have a hundred MiB.
 */
export async function findStoredChunks(db: Queryable, range: ChunkRange): Promise<StoredChunks> {
  const { buildId, step, after, before, maxChunks, maxBytes } = range;
  const { rows } = await db.query<StoredChunk & { readonly isAll: boolean }>(
    `with found as materialized (
       select seq, octet_length(data) as size from log_chunks
       where build_id = $1 and step = $2 and seq > $3 and ($4::integer is null or seq < $4)
       order by seq limit $5::integer + 1
     ),
     fitting as materialized (
       select seq from (
         select seq, row_number() over (order by seq) as place, sum(size) over (order by seq) - size as before from found
       ) sized where place <= $5 and (before < $6 or place = 1)
     ),
     wanted as (
       select c.seq, c.at, c.data from log_chunks c join fitting using (seq) where c.build_id = $1 and c.step = $2
       union all
       select seq, at, substring(data from greatest(octet_length(data) - ${CARRY_BYTES - 1}, 1)) from log_chunks
       where build_id = $1 and step = $2 and seq > $3 - ${CARRY_BYTES} and seq <= $3
     )
     select wanted.*, (select count(*) from found) = (select count(*) from fitting) as "isAll"
     from wanted order by seq`,
    [buildId, step, after, before, maxChunks, maxBytes],
  );
  return {
    chunks: rows.filter(({ seq }) => seq > after),
    ends: rows.filter(({ seq }) => seq <= after),
    isAll: rows[0]?.isAll ?? true,
  };
}
