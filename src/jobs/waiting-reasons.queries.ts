import type { Queryable } from '../database/queryable.js';
import type { WaitingReason } from './waiting.state.js';

/**
 * Why jobs wait, for those of the given ids that are pending. Workers are judged once per lane and not once per job: a
 * page of jobs of one repo has a few lanes.
 */
export async function findWaitingReasons(
  db: Queryable,
  jobIds: readonly string[],
): Promise<ReadonlyMap<string, WaitingReason>> {
  const { rows } = await db.query<{ id: string; reason: WaitingReason }>(
    `with waiting as (
       select id, lane_id, repo_id, ready_at from jobs where id = any($1::uuid[]) and state = 'PENDING'
     ),
     present as (
       select workers.targets, workers.labels, pools.allow_repos, pools.trust,
         workers.build_limit > (select count(*) from busy_workers where worker_id = workers.id) as has_room,
         not exists (select 1 from work_backoff backoff
           where backoff.worker_id = workers.id and backoff.until > slipway_now()) as is_rested
       from worker_sessions join workers on workers.id = worker_sessions.worker_id
         join pools on pools.id = workers.pool_id
       where worker_sessions.state = 'READY' and worker_sessions.accepts_work and workers.revoked_at is null
         and coalesce(workers.maintenance_until <= slipway_now(), true)
     ),
     judged as (
       select lanes.id,
         count(present) as of_target,
         count(present) filter (where fits.it) as fitting,
         count(present) filter (where fits.it and present.is_rested) as rested,
         count(present) filter (where fits.it and present.is_rested and present.has_room) as free
       from lanes
         join repos on repos.id = lanes.repo_id
         join organisations on organisations.id = repos.organisation_id
         left join present on lanes.target = any(present.targets)
         left join lateral (
           select present.labels @> lanes.requirements and (lanes.trusted or present.trust = 'untrusted_too')
             and exists (select 1 from unnest(present.allow_repos) pattern
               where organisations.name || '/' || repos.name like replace(replace(pattern, '_', '\\_'), '*', '%'))
             as it
         ) fits on true
       where lanes.id in (select lane_id from waiting)
       group by lanes.id
     )
     select waiting.id,
       case
         when waiting.ready_at > slipway_now() then 'BACKOFF'
         when judged.of_target = 0 then 'NO_WORKER_FOR_TARGET'
         when judged.fitting = 0 then 'NO_MATCHING_LABELS'
         when repos.build_limit <= (select count(*) from busy_workers where repo_id = repos.id) then 'REPO_LIMIT'
         when judged.rested = 0 then 'BACKOFF'
         when judged.free = 0 then 'ALL_WORKERS_BUSY'
         else 'WAITING'
       end as reason
     from waiting join judged on judged.id = waiting.lane_id join repos on repos.id = waiting.repo_id`,
    [jobIds],
  );
  return new Map(rows.map(({ id, reason }) => [id, reason]));
}
