import type { Transaction } from '../database/hot-connection.js';
import { statement } from '../database/statement.js';
import { inServiceOrder, placedLanes, SERVED_FIRST } from './service-order.js';
import { classIdOf, type WorkerClass } from './worker-class.js';

/** A lane that a claim may take jobs from, with what its place in the order of service depends on. */
export interface ChosenLane {
  readonly id: string;
  readonly repo_id: string;
  readonly organisation_id: string;
  readonly concurrency_group_id: string | null;
  /** What the lane's own priority has come to by waiting. */
  readonly priority: number;
  /** Place among the lanes of its repo. */
  readonly rank: number;
  readonly repo_vtime: number;
  readonly repo_weight: number;
  readonly organisation_vtime: number;
  readonly organisation_weight: number;
}

/** Whose lanes are looked at. */
export interface LaneScope {
  readonly workerClass: WorkerClass;
  /** Lanes to look at although their row does not say yet that something waits: jobs of this very transaction. */
  readonly newLaneIds: readonly string[];
  /** A lane rises by one priority for each such time in which nothing of it was started. */
  readonly agingMs: number;
}

/** Lanes that a claim looks at, and of one repo, at most. Constant: a parameter would be planned as a tenth of the input. */
export const LANES_READ = 64;

/** The repo after another one in which a lane of a target waits: one row read of a repo, however many lanes it has. */
const nextRepo = (target: string, after: string): string => `
  (select l.repo_id from lanes l where l.target = ${target} and l.ready_from is not null ${after}
   order by l.repo_id limit 1)`;

/** Whether the class may serve the lane and its concurrency group has room. */
const SUITABLE = `l.requirements <@ $2::jsonb and (l.trusted or r.trust = 'untrusted_too')
        and (l.concurrency_group_id is null or exists (
          select 1 from concurrency_groups g where g.id = l.concurrency_group_id
            and g.build_limit > (select count(*) from busy_workers b where b.concurrency_group_id = g.id)))`;

/**
 * Lanes of a class that have something ready and room to start it, in the order of service. Nothing is locked: limits
 * are decided by whoever takes jobs, under their rows' locks; here they only keep full lanes from standing in front of
 * others. What is read: for each repo that waits one lane and, counted up to the limit, its leases; then at most
 * `LANES_READ` lanes of those with room. Neither the depth of a queue nor the lanes of a full repo cost anything.
 *
 * Rows are looked up by `lateral … limit 1`, which cannot be turned into a join: planned while tables were empty, that
 * read every repo and every share that there was.
 *
 * `$1` targets, `$2` labels, `$3` pool, `$4` lanes with jobs of this transaction, `$5` worker class, `$6` aging ms.
 */
const CHOOSE_LANES = `
  with recursive clock as materialized (select slipway_now() as now),
  step as (
    select t.target, ${nextRepo('t.target', '')} as repo_id from unnest($1::text[]) t(target)
    union all
    select s.target, ${nextRepo('s.target', 'and l.repo_id > s.repo_id')} from step s where s.repo_id is not null
  ),
  repo as materialized (
    select r.id, r.weight, o.id as organisation_id, o.weight as organisation_weight, p.trust
    from (select repo_id from step where repo_id is not null
          union select repo_id from lanes where id = any($4::uuid[])) waiting
    cross join lateral (select * from repos where id = waiting.repo_id and active limit 1) r
    cross join lateral (select * from organisations where id = r.organisation_id limit 1) o
    join pools p on p.id = $3::uuid
    where exists (select 1 from unnest(p.allow_repos) pattern
                  where o.name || '/' || r.name like replace(replace(pattern, '_', '\\_'), '*', '%'))
      and r.build_limit > (select count(*) from (
        select 1 from busy_workers b where b.repo_id = r.id limit r.build_limit) live)
  ),
  lane as materialized (
    select l.id, l.repo_id, l.concurrency_group_id, l.priority, l.rank_at, r.weight as repo_weight, r.organisation_id,
      r.organisation_weight
    from repo r
    cross join unnest($1::text[]) t(target)
    cross join lateral (
      select l.id, l.repo_id, l.concurrency_group_id, l.priority, l.rank_at from lanes l
      where l.target = t.target and l.repo_id = r.id and l.ready_from <= (select now from clock)
        and ${SUITABLE}
      order by l.rank_at, l.id limit ${LANES_READ}
    ) l
    union
    select l.id, l.repo_id, l.concurrency_group_id, l.priority,
      case when l.ready_from is null then clock.now - l.priority * $6::integer * interval '1 millisecond'
        else l.rank_at end,
      r.weight, r.organisation_id, r.organisation_weight
    from lanes l join repo r on r.id = l.repo_id cross join clock
    where l.id = any($4::uuid[]) and l.target = any($1::text[])
      and ${SUITABLE}
  ),
  placed as (${placedLanes('lane', { workerClass: '$5', agingMs: '$6' })}),
  ranked as (
    select id, repo_id, organisation_id, concurrency_group_id, risen as priority, position, repo_vtime, repo_weight,
      organisation_vtime, organisation_weight,
      (row_number() over (partition by repo_id order by risen desc, rank_at, id))::integer as rank
    from placed
  )
  select id, repo_id, organisation_id, concurrency_group_id, priority, rank, repo_vtime, repo_weight,
    organisation_vtime, organisation_weight
  from (${inServiceOrder(
    'select * from ranked',
    `id, repo_id, concurrency_group_id, rank, repo_vtime, repo_weight, organisation_vtime, organisation_weight`,
  )}) served
  order by ${SERVED_FIRST}
  limit ${LANES_READ}`;

const chooseLanesStatement = statement<ChosenLane>(CHOOSE_LANES);

/** Lanes from which the sessions of a class could take jobs now; see the statement. */
export function chooseLanes(transaction: Transaction, scope: LaneScope): Promise<ChosenLane[]> {
  const { workerClass, newLaneIds, agingMs } = scope;
  const { targets, labels, poolId } = workerClass;
  return transaction.run(chooseLanesStatement, [
    targets,
    labels,
    poolId,
    newLaneIds,
    classIdOf(workerClass),
    agingMs,
  ]);
}
