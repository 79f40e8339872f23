import type { Transaction } from '../database/hot-connection.js';
import { statement } from '../database/statement.js';
import type { WorkerClass } from './worker-class.js';

/** What a claim asks for: work for the free slots of these sessions, which all belong to one class. */
export interface ClaimRequest {
  readonly sessionIds: readonly string[];
  readonly workerClass: WorkerClass;
  /** Most jobs to take. */
  readonly wanted: number;
  /** Lanes to look at although their row does not say yet that something waits: jobs of this very transaction. */
  readonly newLaneIds: readonly string[];
}

/** A job that was bound to a slot, with everything that its package's head needs. */
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

/** Lanes that a claim looks at, at most. Constant in the text: a parameter would be planned as a tenth of the input. */
const LANES_READ = 64;

/**
 * Lanes of the class that have something ready, most urgent first. `$1` targets, `$2` labels, `$3` pool, `$4` lanes
 * with jobs of this transaction.
 */
const ELIGIBLE_LANES = `
  select l.id, l.repo_id, l.priority, l.vtime, l.weight
  from lanes l
  join repos r on r.id = l.repo_id and r.active
  join organisations o on o.id = r.organisation_id
  join pools p on p.id = $3::uuid
  where l.id in (
      select id from lanes where target = any($1::text[]) and ready_from <= slipway_now()
      union
      select id from lanes where id = any($4::uuid[]) and target = any($1::text[]))
    and $2::jsonb @> l.requirements
    and (l.trusted or p.trust = 'untrusted_too')
    and exists (select 1 from unnest(p.allow_repos) pattern
                where o.name || '/' || r.name like replace(replace(pattern, '_', '\\_'), '*', '%'))
  order by l.priority desc, l.vtime, l.id
  limit ${LANES_READ}`;

/**
 * Sessions are locked before anything else, and never waited for: who closes a session, or takes its worker out, holds
 * it `for update`, and is skipped. A plain read here would still hand out the lease of a session that is just closed.
 */
const lockSessions = statement<{ id: string }>(`
  select id from worker_sessions
  where id = any($1::uuid[]) and state = 'READY' and accepts_work
  order by id for key share skip locked`);

/**
 * A repo's build limit is decided under its row's lock, by counting leases in the next statement: exact over replicas,
 * with nothing to drift (counting without the lock gave 354 running at a limit of 220; counters cost a third).
 */
const lockLimits = statement<{ id: string }>(`
  with lane as materialized (${ELIGIBLE_LANES})
  select id from repos where id in (select repo_id from lane) order by id for no key update`);

/**
 * The claim. Lanes say who is next (priority, then weighted fair share by virtual time), the partial index on waiting
 * jobs says which job of a lane. Leases are inserted first, and jobs change state only where that insert succeeded, so
 * that a lost race never leaves a job without a lease. Reads as many jobs as it takes, per lane, at any depth.
 * The state of a locked job is asked for outside of the lock's own query: inside, a plan made over an empty table reads
 * the whole partial index of waiting jobs for each candidate (measured: 75 of 150 ms for 200 jobs, growing squarely).
 * A repo's leases are counted once, in a step of its own: in line, the count ran again for each of its candidates
 * (measured: 21 of 45 ms for 200 jobs beside 1,000 leases).
 * `$5` sessions, `$6` wanted.
 */
const claim = statement<ClaimedBuild>(`
  with lane as materialized (${ELIGIBLE_LANES}),
  limited as materialized (
    select r.id as repo_id, r.build_limit - (select count(*) from busy_workers b where b.repo_id = r.id) as room
    from repos r where r.id in (select repo_id from lane)
  ),
  candidate as materialized (
    select id, priority, vstart, lane_id from (
      select j.id, l.priority, l.vtime + j.position::double precision / l.weight as vstart, l.id as lane_id, r.room,
        row_number() over (partition by l.repo_id
          order by l.priority desc, l.vtime + j.position::double precision / l.weight, l.id) as position_in_repo
      from lane l
      join limited r on r.repo_id = l.repo_id
      cross join lateral (
        select id, row_number() over () - 1 as position from (
          select id from jobs where lane_id = l.id and waiting and ready_at <= slipway_now()
          order by ready_at, id limit least($6::integer, greatest(r.room, 0))) ready
      ) j
    ) ranked
    where position_in_repo <= room
    order by priority desc, vstart, lane_id
    limit $6::integer
  ),
  locked as materialized (
    select j.*, c.priority, c.vstart from candidate c join jobs j on j.id = c.id for update of j skip locked
  ),
  picked as materialized (
    select *, row_number() over (order by priority desc, vstart, id) as position from locked where waiting
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
      limit least($6::integer, greatest(0, w.build_limit - (select count(*) from busy_workers b where b.worker_id = w.id)))
    ) slot
    where s.id = any($5::uuid[]) and s.state = 'READY' and s.accepts_work
      and w.pool_id = $3::uuid and w.targets <@ $1::text[] and w.targets @> $1::text[] and w.labels = $2::jsonb
      and w.revoked_at is null
      and (w.maintenance_until is null or w.maintenance_until <= slipway_now())
      and not exists (select 1 from work_backoff b where b.worker_id = w.id and b.until > slipway_now())
  ),
  lease as (
    insert into busy_workers (worker_id, slot, build_id, job_id, repo_id, session_id, target)
    select f.worker_id, f.slot, gen_random_uuid(), p.id, p.repo_id, f.session_id, p.target
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

/** Binds waiting jobs to free slots, within the caller's transaction; see the statements for how and why. */
export async function claimJobs(transaction: Transaction, request: ClaimRequest): Promise<ClaimedBuild[]> {
  // Answered before the rest is sent: what follows may only use sessions that this transaction has locked.
  const sessions = await transaction.run(lockSessions, [request.sessionIds]);
  if (sessions.length === 0) return [];
  const { targets, labels, poolId } = request.workerClass;
  const scope = [targets, labels, poolId, request.newLaneIds];
  const sessionIds = sessions.map(({ id }) => id);
  const [, claimed] = await Promise.all([
    transaction.run(lockLimits, scope),
    transaction.run(claim, [...scope, sessionIds, request.wanted]),
  ]);
  return claimed;
}
