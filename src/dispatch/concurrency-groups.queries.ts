import type { Queryable } from '../database/queryable.js';
import type { Transaction } from '../database/hot-connection.js';
import { statement } from '../database/statement.js';
import type { CompiledConcurrency } from '../pipeline/index.js';

/** A concurrency group as a pipeline declares it. */
export interface DeclaredConcurrency extends CompiledConcurrency {
  readonly repoId: string;
  /** Groups of trusted and of other changes are apart: a fork must not raise a limit or cancel a deployment. */
  readonly trusted: boolean;
}

/**
 * Notes a concurrency group, and gives its id. Limit and strategy are those that a pipeline gave last. Committed at once
 * and on its own; claims hold the row only for the length of their statement.
 */
export async function declareConcurrencyGroup(
  db: Queryable,
  { repoId, group, trusted, limit, strategy }: DeclaredConcurrency,
): Promise<string> {
  const { rows } = await db.query<{ id: string }>(
    `insert into concurrency_groups as g (repo_id, key, trusted, build_limit, strategy) values ($1, $2, $3, $4, $5)
     on conflict (repo_id, key, trusted) do update set build_limit = excluded.build_limit,
       strategy = excluded.strategy, updated_at = case when (g.build_limit, g.strategy)
         = (excluded.build_limit, excluded.strategy) then g.updated_at else slipway_now() end
     returning id`,
    [repoId, group, trusted, limit, strategy],
  );
  if (rows[0] === undefined) throw new Error(`concurrency group ${group} was not written`);
  return rows[0].id;
}

/** A job whose place a newer change has taken. */
export interface SupersededJob {
  readonly id: string;
  /** Key of the concurrency group. */
  readonly key: string;
  /** No worker has it, and none may be disturbed for it. */
  readonly only_waiting: boolean;
}

/** How many are found in one go; what is left comes a second later. */
const LIMIT = 500;

const live = (concerned: string): string => `
  with concerned as materialized (${concerned}),
  live as materialized (
    select c.id as concurrency_group_id, c.key, c.strategy, j.id, j.group_id, false as is_leased
    from concerned c
    join lanes l on l.concurrency_group_id = c.id and l.ready_from is not null
    cross join lateral (
      select id, group_id from jobs where lane_id = l.id and waiting order by ready_at, id limit ${LIMIT}) j
    union all
    select c.id, c.key, c.strategy, j.id, j.group_id, true
    from concerned c
    join busy_workers b on b.concurrency_group_id = c.id
    join jobs j on j.id = b.job_id and j.cancel_deadline is null
  ),
  aged as (
    select live.*, rank() over (partition by live.concurrency_group_id order by c.created_at desc, c.id desc) as age
    from live join groups g on g.id = live.group_id join changes c on c.id = g.change_id
  )
  select id, key, not is_leased as only_waiting from aged
  where age > 1 and (not is_leased or strategy = 'cancel_in_progress')
  limit ${LIMIT}`;

const supersededOf = statement<SupersededJob>(
  live(`select id, key, strategy from concurrency_groups where id = any($1::uuid[]) and strategy <> 'queue'`),
);

const superseded = statement<SupersededJob>(
  live(`
    select g.id, g.key, g.strategy from concurrency_groups g
    where g.strategy <> 'queue' and g.id in (
      select concurrency_group_id from lanes where ready_from is not null and concurrency_group_id is not null
      union select concurrency_group_id from busy_workers where concurrency_group_id is not null)`),
);

/**
 * In a group that cancels, only jobs of the newest change stay: of those that wait and, with `cancel_in_progress`, of
 * those that run. A rule about rows, so that it does not matter who finds it, or whether two changes were admitted at
 * once. Jobs of one change stay together: it may build for two targets. Read are the lanes and leases of the groups
 * (all of them, without `concurrencyGroupIds`), never a finished job.
 */
export function findSupersededJobs(
  transaction: Transaction,
  concurrencyGroupIds?: readonly string[],
): Promise<SupersededJob[]> {
  return concurrencyGroupIds === undefined
    ? transaction.run(superseded, [])
    : transaction.run(supersededOf, [concurrencyGroupIds]);
}
