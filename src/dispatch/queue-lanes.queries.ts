import type { Queryable } from '../database/queryable.js';
import type { QueueLane } from './queue-order.js';
import { placedLanes } from './service-order.js';
import { classIdOf, type WorkerClass } from './worker-class.js';

/** Jobs that are counted in a lane, and before a job: beyond that many, a place in the queue says nothing any more. */
export const MOST_AHEAD = 1_000;

/** Lanes that are looked at. */
const LANES_READ = 1_000;

/** A class that is connected: the workers that a lane waits for. */
export interface ConnectedClass extends WorkerClass {
  readonly slots: number;
}

/** Classes of connected workers, those with the most slots first. */
export async function findConnectedClasses(db: Queryable): Promise<readonly ConnectedClass[]> {
  const { rows } = await db.query<{
    pool_id: string;
    targets: string[];
    labels: Record<string, string>;
    slots: number;
  }>(
    `select w.pool_id, w.targets, w.labels, sum(w.build_limit)::integer as slots
     from worker_sessions s join workers w on w.id = s.worker_id
     where s.state = 'READY' and s.accepts_work and w.revoked_at is null
     group by w.pool_id, w.targets, w.labels
     order by slots desc, w.pool_id, w.targets limit 100`,
  );
  return rows.map(({ pool_id: poolId, targets, labels, slots }) => ({ poolId, targets, labels, slots }));
}

/** A lane in the queue for a class of workers. */
export interface QueuedLane extends QueueLane {
  readonly target: string;
  readonly is_repo_full: boolean;
  readonly is_concurrency_group_full: boolean;
}

/**
 * Waiting lanes in the order of service for a class, full ones too, with what is ready in them, counted up to
 * `MOST_AHEAD`. For people: reads every waiting lane, of which it takes `LANES_READ`.
 */
export async function findQueuedLanes(
  db: Queryable,
  { workerClass, agingMs }: { readonly workerClass: WorkerClass; readonly agingMs: number },
): Promise<readonly QueuedLane[]> {
  const { targets, labels, poolId } = workerClass;
  const { rows } = await db.query<QueuedLane>(QUEUED_LANES, [
    targets,
    labels,
    poolId,
    classIdOf(workerClass),
    agingMs,
  ]);
  return rows;
}

const QUEUED_LANES = `
  with clock as materialized (select slipway_now() as now),
  lane as materialized (
    select l.id, l.target, l.repo_id, l.concurrency_group_id, l.priority, l.rank_at, r.weight as repo_weight,
      r.organisation_id, o.weight as organisation_weight,
      r.build_limit <= (select count(*) from busy_workers b where b.repo_id = r.id) as is_repo_full,
      coalesce(g.build_limit <= (select count(*) from busy_workers b where b.concurrency_group_id = g.id), false)
        as is_concurrency_group_full
    from lanes l
    join repos r on r.id = l.repo_id and r.active
    join organisations o on o.id = r.organisation_id
    join pools p on p.id = $3::uuid
    left join concurrency_groups g on g.id = l.concurrency_group_id
    where l.target = any($1::text[]) and l.ready_from <= (select now from clock) and l.requirements <@ $2::jsonb
      and (l.trusted or p.trust = 'untrusted_too')
      and exists (select 1 from unnest(p.allow_repos) pattern
                  where o.name || '/' || r.name like replace(replace(pattern, '_', '\\_'), '*', '%'))
    order by l.rank_at, l.id limit ${LANES_READ}
  ),
  placed as (${placedLanes('lane', { workerClass: '$4', agingMs: '$5' })})
  select id, target, repo_id, organisation_id, concurrency_group_id, risen as priority,
    (row_number() over (partition by repo_id order by risen desc, rank_at, id))::integer as rank,
    repo_vtime, repo_weight, organisation_vtime, organisation_weight, is_repo_full, is_concurrency_group_full,
    (select count(*) from (select 1 from jobs j where j.lane_id = placed.id and j.waiting
      and j.ready_at <= (select now from clock) limit ${MOST_AHEAD}) ready)::integer as ready
  from placed`;

/** Where a waiting job is in its lane. */
export interface JobPlace {
  readonly job_id: string;
  readonly lane_id: string;
  readonly target: string;
  readonly requirements: Readonly<Record<string, string>>;
  /** Jobs that are served before it in its lane, counted up to {@link MOST_AHEAD}. */
  readonly before_in_lane: number;
}

/** The places of those of the jobs that are ready to start. */
export async function findJobPlaces(db: Queryable, jobIds: readonly string[]): Promise<readonly JobPlace[]> {
  const { rows } = await db.query<JobPlace>(
    `select j.id as job_id, j.lane_id, l.target, l.requirements,
       (select count(*) from (
         select 1 from jobs o where o.lane_id = j.lane_id and o.waiting and (o.ready_at, o.id) < (j.ready_at, j.id)
         limit ${MOST_AHEAD}) earlier)::integer as before_in_lane
     from jobs j join lanes l on l.id = j.lane_id
     where j.id = any($1::uuid[]) and j.waiting and j.ready_at <= slipway_now()`,
    [jobIds],
  );
  return rows;
}

/** Targets that something waits for, in their order. */
export async function findWaitingTargets(db: Queryable): Promise<readonly string[]> {
  const { rows } = await db.query<{ target: string }>(
    `select distinct target from lanes where ready_from is not null order by target limit 100`,
  );
  return rows.map(({ target }) => target);
}

/** Lanes of a target with what waits in them, ready or not, counted up to {@link MOST_AHEAD}; the oldest first. */
export async function findWaitingLanes(
  db: Queryable,
  target: string,
): Promise<readonly { readonly id: string; readonly waiting: number }[]> {
  const { rows } = await db.query<{ id: string; waiting: number }>(
    `select id, (select count(*) from (
         select 1 from jobs j where j.lane_id = lane.id and j.waiting limit ${MOST_AHEAD}) waiting)::integer as waiting
     from (select id, ready_from from lanes where target = $1 and ready_from is not null
           order by ready_from, id limit ${LANES_READ}) lane
     order by ready_from, id`,
    [target],
  );
  return rows;
}

/** The first jobs of lanes, in order: so many of each. */
export async function listLaneJobs(
  db: Queryable,
  counts: ReadonlyMap<string, number>,
): Promise<readonly { readonly id: string; readonly lane_id: string }[]> {
  const { rows } = await db.query<{ id: string; lane_id: string }>(
    `select j.id, l.lane_id from unnest($1::uuid[], $2::integer[]) l(lane_id, count)
     cross join lateral (
       select id, ready_at from jobs where lane_id = l.lane_id and waiting order by ready_at, id limit l.count) j
     order by l.lane_id, j.ready_at, j.id`,
    [[...counts.keys()], [...counts.values()]],
  );
  return rows;
}
