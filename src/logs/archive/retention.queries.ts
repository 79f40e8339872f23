import type { Queryable } from '../../database/queryable.js';

/** Logs that are removed in one go; what is left comes with the next round. */
export const REMOVED_AT_ONCE = 100;

/** A log whose object is still in the store. */
export interface LogRemains {
  readonly buildId: string;
  readonly step: number;
  readonly objectKey: string;
}

/**
 * Marks logs as removed that were sealed longer ago than this, and takes their rows away; answers how many. What is in
 * the store is named by the row until it is removed there too.
 */
export async function removeOldLogs(db: Queryable, retentionMs: number): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    `with old as materialized (
       select build_id, step from step_logs
       where removed_at is null and sealed_at < slipway_now() - $1::float8 * interval '1 millisecond'
       order by sealed_at limit ${REMOVED_AT_ONCE} for update skip locked
     ),
     chunks as (delete from log_chunks c using old where c.build_id = old.build_id and c.step = old.step),
     blocks as (delete from log_blocks b using old where b.build_id = old.build_id and b.step = old.step),
     marked as (
       update step_logs s set removed_at = slipway_now() from old where s.build_id = old.build_id and s.step = old.step
       returning 1
     )
     select count(*)::integer as count from marked`,
    [retentionMs],
  );
  return rows[0]?.count ?? 0;
}

/** Logs that are removed except for their objects. */
export async function findLogRemains(db: Queryable): Promise<readonly LogRemains[]> {
  const { rows } = await db.query<LogRemains>(
    `select build_id as "buildId", step, object_key as "objectKey" from step_logs
     where removed_at is not null and object_key is not null order by removed_at limit ${REMOVED_AT_ONCE}`,
  );
  return rows;
}

/** The object of a removed log is gone too. With it goes an index that was written in the moment of the removal. */
export async function forgetObject(db: Queryable, { buildId, step }: LogRemains): Promise<void> {
  await db.query(
    `with blocks as (delete from log_blocks where build_id = $1 and step = $2)
     update step_logs set object_key = null where build_id = $1 and step = $2`,
    [buildId, step],
  );
}

/**
 * Logs of builds that are not there any more, marked as removed with their rows taken away; looks at a thousand logs
 * from a place on and answers where to go on, or undefined at the end. No build is deleted one by one: a repo is.
 */
export async function removeOrphanedLogs(db: Queryable, afterBuild: string): Promise<string | undefined> {
  const { rows } = await db.query<{ last: string | null }>(
    `with seen as materialized (
       select build_id, step, removed_at from step_logs where build_id > $1 order by build_id, step limit 1000
     ),
     orphans as materialized (
       select build_id, step from seen
       where removed_at is null and not exists (select 1 from builds b where b.id = seen.build_id)
     ),
     chunks as (delete from log_chunks c using orphans o where c.build_id = o.build_id and c.step = o.step),
     blocks as (delete from log_blocks b using orphans o where b.build_id = o.build_id and b.step = o.step),
     marked as (
       update step_logs s set removed_at = slipway_now(), last_seq = coalesce(s.last_seq, s.max_seq, 0),
         missing = coalesce(s.missing, 0), sealed_at = coalesce(s.sealed_at, slipway_now())
       from orphans o where s.build_id = o.build_id and s.step = o.step
     )
     select case when count(*) = 1000 then max(build_id::text) end as last from seen`,
    [afterBuild],
  );
  return rows[0]?.last ?? undefined;
}
