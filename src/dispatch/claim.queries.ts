import type { Transaction } from '../database/hot-connection.js';
import { statement } from '../database/statement.js';
import { isCutShort, quotasOf } from './claim-quotas.js';
import { chooseLanes, type ChosenLane, type LaneScope } from './lane-choice.queries.js';
import { inServiceOrder, SERVED_FIRST } from './service-order.js';
import { classIdOf } from './worker-class.js';

/** What a claim asks for: work for the free slots of these sessions, which all belong to one class. */
export interface ClaimRequest extends LaneScope {
  readonly sessionIds: readonly string[];
  /** Most jobs to take. */
  readonly wanted: number;
}

/** A job that is bound to a slot, with everything that its package's head needs. */
export interface ClaimedBuild {
  readonly build_id: string;
  readonly job_id: string;
  readonly group_id: string;
  readonly repo_id: string;
  readonly lane_id: string;
  readonly session_id: string;
  readonly worker_id: string;
  readonly slot: number;
  readonly attempt: number;
  readonly offer: number;
  readonly number: number;
  readonly repo: string;
  readonly project: string;
  readonly target: string;
  readonly event: string;
  readonly branch: string | null;
  readonly vcs_url: string;
  readonly vcs_ref: string | null;
  readonly vcs_commit: string;
  readonly timeout_ms: number;
  readonly spec: string;
}

/** What a claim has just bound, and in whose turn. */
export interface FreshClaim extends ClaimedBuild {
  readonly lane: ChosenLane;
  readonly workerClassId: string;
}

/**
 * Sessions are locked before anything else, and never waited for: who closes a session, or takes its worker out, holds
 * it `for update`, and is skipped. A plain read here would still hand out the lease of a session that is just closed.
 */
const lockSessions = statement<{ id: string }>(`
  select id from worker_sessions
  where id = any($1::uuid[]) and state = 'READY' and accepts_work
  order by id for key share skip locked`);

/**
 * Limits are decided under their rows' locks, by counting leases in a later statement: exact over replicas, with
 * nothing to drift (counting without the lock gave 354 running at a limit of 220; counters cost a third).
 */
const lockRepos = statement(`
  select id from repos where id = any($1::uuid[]) order by id for no key update`);

/** After those of repos, in the order that everybody keeps. */
const lockConcurrencyGroups = statement(`
  select id from concurrency_groups where id = any($1::uuid[]) order by id for no key update`);

/**
 * The claim, from lanes whose limits this transaction has locked. The partial index on waiting jobs says which job of a
 * lane; see {@link inServiceOrder} for whose turn it is. Leases are inserted first, and jobs change state only where
 * that insert succeeded, so that a lost race never leaves a job without a lease. Reads as many jobs as it takes, per
 * lane, at any depth.
 * The state of a locked job is asked for outside of the lock's own query: inside, a plan made over an empty table reads
 * the whole partial index of waiting jobs for each candidate (measured: 75 of 150 ms for 200 jobs, growing squarely).
 * Leases are counted once per limit, in steps of their own: in line, the count ran again for each candidate (measured:
 * 21 of 45 ms for 200 jobs beside 1,000 leases). Jobs of a full concurrency group leave before those of the repo are
 * counted, or they would use up its room. A job that was just moved to another lane is left to the next claim.
 * `$1` targets, `$2` labels, `$3` pool, `$4` sessions, `$5` wanted, `$6` lanes with their quotas as JSON.
 */
const claim = statement<ClaimedBuild>(`
  with lane as materialized (
    select * from jsonb_to_recordset($6::jsonb) as lane(id uuid, repo_id uuid, organisation_id uuid,
      concurrency_group_id uuid, priority integer, rank integer, repo_vtime double precision, repo_weight integer,
      organisation_vtime double precision, organisation_weight integer, quota integer)
  ),
  repo as materialized (
    select r.id, r.build_limit - (select count(*) from busy_workers b where b.repo_id = r.id) as room
    from (select distinct repo_id from lane) l
    cross join lateral (select id, build_limit from repos where id = l.repo_id limit 1) r
  ),
  concurrency as materialized (
    select g.id, g.build_limit - (select count(*) from busy_workers b where b.concurrency_group_id = g.id) as room
    from (select distinct concurrency_group_id from lane) l
    cross join lateral (select id, build_limit from concurrency_groups where id = l.concurrency_group_id limit 1) g
  ),
  ready as materialized (
    select j.id, j.position, l.id as lane_id, l.concurrency_group_id, l.priority, l.rank, l.repo_id, l.repo_vtime,
      l.repo_weight, l.organisation_id, l.organisation_vtime, l.organisation_weight, repo.room,
      concurrency.room as concurrency_room,
      row_number() over (partition by coalesce(l.concurrency_group_id, l.id)
        order by l.priority desc, j.position, l.rank) as in_concurrency_group
    from lane l
    join repo on repo.id = l.repo_id
    left join concurrency on concurrency.id = l.concurrency_group_id
    cross join lateral (
      select id, row_number() over () as position from (
        select id from jobs where lane_id = l.id and waiting and ready_at <= slipway_now()
        order by ready_at, id
        limit greatest(0, least(l.quota, repo.room, coalesce(concurrency.room, l.quota)))) head
    ) j
  ),
  candidate as materialized (
    select id, lane_id, concurrency_group_id, row_number() over (order by ${SERVED_FIRST}) as place from (${inServiceOrder(
      'select * from ready where in_concurrency_group <= coalesce(concurrency_room, in_concurrency_group)',
      'id, lane_id, concurrency_group_id',
      'in_repo <= room',
    )}) served
    order by place
    limit $5::integer
  ),
  locked as materialized (
    select j.*, c.place, c.concurrency_group_id, c.lane_id as chosen_lane_id from candidate c join jobs j on j.id = c.id for update of j skip locked
  ),
  picked as materialized (
    select *, row_number() over (order by place) as position from locked where waiting and lane_id = chosen_lane_id
  ),
  free_slot as materialized (
    select s.id as session_id, w.id as worker_id, w.hostname, slot.n as slot,
      row_number() over (order by slot.rank, w.last_build_started_at nulls first, w.id) as position
    from worker_sessions s
    join workers w on w.id = s.worker_id
    cross join lateral (
      select g.n, row_number() over (order by g.n) as rank
      from generate_series(0, w.build_limit - 1) g(n)
      where not exists (select 1 from busy_workers b where b.worker_id = w.id and b.slot = g.n)
      limit least($5::integer, greatest(0, w.build_limit - (select count(*) from busy_workers b where b.worker_id = w.id)))
    ) slot
    where s.id = any($4::uuid[]) and s.state = 'READY' and s.accepts_work
      and w.pool_id = $3::uuid and w.targets <@ $1::text[] and w.targets @> $1::text[] and w.labels = $2::jsonb
      and w.revoked_at is null
      and (w.maintenance_until is null or w.maintenance_until <= slipway_now())
      and not exists (select 1 from work_backoff b where b.worker_id = w.id and b.until > slipway_now())
  ),
  lease as (
    insert into busy_workers (worker_id, slot, build_id, job_id, repo_id, concurrency_group_id, session_id, target)
    select f.worker_id, f.slot, gen_random_uuid(), p.id, p.repo_id, p.concurrency_group_id, f.session_id, p.target
    from picked p join free_slot f using (position)
    on conflict do nothing
    returning *
  ),
  claimed as (
    update jobs j set state = 'PROCESSING', offers = j.offers + 1, updated_at = slipway_now()
    from lease where j.id = lease.job_id
    returning j.*, lease.build_id, lease.worker_id, lease.slot, lease.session_id
  ),
  build as (
    insert into builds (id, job_id, offer, attempt, worker_id, session_id, slot)
    select build_id, id, offers, attempts + 1, worker_id, session_id, slot from claimed
  ),
  history as (
    insert into work_history (worker_id, hostname, process, event, build_id, session_id)
    select f.worker_id, f.hostname, 'DISPATCH', 'Started', c.build_id, c.session_id
    from claimed c join free_slot f on f.worker_id = c.worker_id and f.slot = c.slot
  )
  select c.build_id, c.id as job_id, c.group_id, c.repo_id, c.lane_id, c.session_id, c.worker_id, c.slot,
    c.attempts + 1 as attempt, c.offers as offer, c.number, o.name || '/' || r.name as repo, p.name as project,
    c.target, c.event, c.branch, c.vcs_url, c.vcs_ref, c.vcs_commit, c.timeout_ms, s.body as spec
  from claimed c
  join repos r on r.id = c.repo_id
  join organisations o on o.id = r.organisation_id
  join projects p on p.id = c.project_id
  join job_specs s on s.sha256 = c.spec_sha256`);

/** What a claim has taken. */
export interface ClaimResult {
  readonly claimed: readonly FreshClaim[];
  /** It looked at a part of the queue only: another claim may find more at once. */
  readonly cutShort: boolean;
}

/**
 * Binds waiting jobs to free slots, within the caller's transaction; see the statements for how and why. Lanes are
 * chosen first, and only from those are jobs taken: a lane that begins to wait in between has a limit that is not
 * locked.
 */
export async function claimJobs(transaction: Transaction, request: ClaimRequest): Promise<ClaimResult> {
  const { workerClass, wanted } = request;
  // Answered before the rest is sent: what follows may only use sessions and limits that this transaction has locked.
  const [sessions, lanes] = await Promise.all([
    transaction.run(lockSessions, [request.sessionIds]),
    chooseLanes(transaction, request),
  ]);
  if (sessions.length === 0 || lanes.length === 0) return { claimed: [], cutShort: false };
  const used = quotasOf(lanes, wanted);
  const sessionIds = sessions.map(({ id }) => id);
  // Sent in this order: the claim's snapshot is younger than the locks.
  const [, , builds] = await Promise.all([
    transaction.run(lockRepos, [used.map(({ repo_id }) => repo_id)]),
    lockGroupsOf(transaction, used),
    transaction.run(claim, [
      workerClass.targets,
      workerClass.labels,
      workerClass.poolId,
      sessionIds,
      wanted,
      JSON.stringify(used),
    ]),
  ]);
  const cutShort = isCutShort(builds, { chosen: lanes.length, used, wanted });
  return { claimed: withLanes(builds, used, classIdOf(workerClass)), cutShort };
}

function withLanes(
  builds: readonly ClaimedBuild[],
  lanes: readonly ChosenLane[],
  workerClassId: string,
): FreshClaim[] {
  const laneOf = new Map(lanes.map((lane) => [lane.id, lane]));
  return builds.flatMap((build) => {
    const lane = laneOf.get(build.lane_id);
    return lane === undefined ? [] : [{ ...build, lane, workerClassId }];
  });
}

async function lockGroupsOf(transaction: Transaction, lanes: readonly ChosenLane[]): Promise<void> {
  const ids = lanes.flatMap(({ concurrency_group_id }) => concurrency_group_id ?? []);
  if (ids.length > 0) await transaction.run(lockConcurrencyGroups, [ids]);
}
