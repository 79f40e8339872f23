import type { Transaction } from '../database/hot-connection.js';
import { statement } from '../database/statement.js';

/** Lanes are written in ascending order of id, by everybody: unsorted batches deadlock. */
const lockLanes = statement<{ id: string }>(`
  select id from lanes where id = any($1::uuid[]) order by id for no key update`);

/**
 * A lane's rank is the time of its last start, or since when it waits, with so many aging steps of head start as it has
 * priority: waiting and priority are one number, which an index sorts by.
 */
const RANK = (since: string, agingMs: string): string =>
  `${since} - l.priority * ${agingMs}::integer * interval '1 millisecond'`;

const markWaiting = statement(`
  update lanes l set
    ready_from = least(coalesce(l.ready_from, 'infinity'), waiting.ready_at),
    rank_at = case when l.ready_from is not null then l.rank_at
      else greatest(l.rank_at, ${RANK('waiting.ready_at', '$2')}) end
  from (select lane_id, min(ready_at) as ready_at from unnest($1::uuid[]) lane(lane_id)
        cross join lateral (select j.ready_at from jobs j where j.lane_id = lane.lane_id and j.waiting
                            order by j.ready_at, j.id limit 1) first
        group by lane_id) waiting
  where l.id = waiting.lane_id and (l.ready_from is null or l.ready_from > waiting.ready_at)`);

/** Says of lanes that something waits in them, where it does. Call it last: lanes come late in the lock order. */
export async function markLanesWaiting(
  transaction: Transaction,
  laneIds: readonly string[],
  agingMs: number,
): Promise<void> {
  if (laneIds.length === 0) return;
  await Promise.all([
    transaction.run(lockLanes, [laneIds]),
    transaction.run(markWaiting, [laneIds, agingMs]),
  ]);
}

/**
 * A lane that a claim has drained says so at once: while claims are full nobody else clears it. Whoever has inserted a
 * job that this snapshot does not show marks the lane after its own lock on it.
 */
const noteStarts = statement(`
  update lanes l set ready_from = next.ready_at, rank_at = ${RANK('greatest(next.ready_at, slipway_now())', '$2')}
  from unnest($1::uuid[]) started(lane_id) left join lateral (
    select j.ready_at from jobs j where j.lane_id = started.lane_id and j.waiting order by j.ready_at, j.id limit 1
  ) next on true
  where l.id = started.lane_id`);

/** Puts lanes behind the others of their repo, since something of them was just started. */
export async function noteLaneStarts(
  transaction: Transaction,
  laneIds: readonly string[],
  agingMs: number,
): Promise<void> {
  if (laneIds.length === 0) return;
  await Promise.all([transaction.run(lockLanes, [laneIds]), transaction.run(noteStarts, [laneIds, agingMs])]);
}

/**
 * `for update` conflicts with the key-share lock that the foreign key of every uncommitted new job holds on its lane:
 * a lane into which somebody is just writing is skipped, and whoever writes into it later finds it cleared.
 */
const lockDrained = statement<{ id: string }>(`
  select id from lanes l
  where target = any($1::text[]) and ready_from <= slipway_now()
    and not exists (select 1 from jobs j where j.lane_id = l.id and j.waiting and j.ready_at <= slipway_now())
  order by id limit 64 for update skip locked`);

/** In a statement of its own, whose snapshot is younger than the locks. */
const clearDrained = statement(`
  update lanes l set ready_from = (
    select j.ready_at from jobs j where j.lane_id = l.id and j.waiting order by j.ready_at, j.id limit 1)
  where id = any($1::uuid[])`);

/** Takes lanes in which nothing is ready out of the claim's sight. */
export async function clearDrainedLanes(
  transaction: Transaction,
  targets: readonly string[],
): Promise<number> {
  const drained = await transaction.run(lockDrained, [targets]);
  if (drained.length > 0) await transaction.run(clearDrained, [drained.map(({ id }) => id)]);
  return drained.length;
}
