import type { Queryable } from '../database/queryable.js';
import type { WaitingReason } from './waiting.state.js';

/** Why a job waits, and until when at least, where that is known. */
export interface JobWait {
  readonly reason: WaitingReason;
  readonly until: Date | null;
}

/**
 * Why jobs wait, for those of the given ids that are pending. Workers are judged once per lane and not once per job: a
 * page of jobs of one repo has a few lanes.
 */
export async function findWaitingReasons(
  db: Queryable,
  jobIds: readonly string[],
): Promise<ReadonlyMap<string, JobWait>> {
  const { rows } = await db.query<JobWait & { id: string }>(
    `with waiting as (
       select id, lane_id, repo_id, ready_at from jobs where id = any($1::uuid[]) and state = 'PENDING'
     ),
     present as (
       select workers.targets, workers.labels, pools.allow_repos, pools.trust,
         workers.build_limit > (select count(*) from busy_workers where worker_id = workers.id) as has_room,
         (select max(until) from work_backoff backoff
           where backoff.worker_id = workers.id and backoff.until > slipway_now()) as rests_until
       from worker_sessions join workers on workers.id = worker_sessions.worker_id
         join pools on pools.id = workers.pool_id
       where worker_sessions.state = 'READY' and worker_sessions.accepts_work and workers.revoked_at is null
         and coalesce(workers.maintenance_until <= slipway_now(), true)
     ),
     judged as (
       select lanes.id,
         count(present) as of_target,
         count(present) filter (where fits.it) as fitting,
         count(present) filter (where fits.it and present.rests_until is null) as rested,
         min(present.rests_until) filter (where fits.it) as first_rested_at,
         count(present) filter (where fits.it and present.rests_until is null and present.has_room) as free
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
     ),
     told as (
       select waiting.id, waiting.ready_at, judged.first_rested_at,
         case
           when waiting.ready_at > slipway_now() then 'BACKOFF'
           when judged.of_target = 0 then 'NO_WORKER_FOR_TARGET'
           when judged.fitting = 0 then 'NO_MATCHING_LABELS'
           when concurrency_groups.build_limit <= (
             select count(*) from busy_workers where concurrency_group_id = concurrency_groups.id) then 'CONCURRENCY_GROUP'
           when repos.build_limit <= (select count(*) from busy_workers where repo_id = repos.id) then 'REPO_LIMIT'
           when judged.rested = 0 then 'BACKOFF'
           when judged.free = 0 then 'ALL_WORKERS_BUSY'
           else 'WAITING'
         end as reason
       from waiting join judged on judged.id = waiting.lane_id join repos on repos.id = waiting.repo_id
         join lanes on lanes.id = waiting.lane_id
         left join concurrency_groups on concurrency_groups.id = lanes.concurrency_group_id
     )
     select id, reason, case when reason <> 'BACKOFF' then null
       when ready_at > slipway_now() then ready_at else first_rested_at end as until
     from told`,
    [jobIds],
  );
  return new Map(rows.map(({ id, reason, until }) => [id, { reason, until }]));
}
