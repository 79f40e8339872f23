import type { Transaction } from '../database/hot-connection.js';
import { statement } from '../database/statement.js';
import type { GroupProjectState } from '../groups/group-projects.state.js';
import type { GroupState } from '../groups/groups.state.js';

/** A node that has reached a final state. */
export interface EndedNode {
  readonly id: string;
  readonly group_id: string;
  readonly state: GroupProjectState;
}

/** A node that is over because its job is. */
export interface NodeEnding {
  readonly nodeId: string;
  readonly state: GroupProjectState;
  readonly builtIdent: string | null;
}

const endNodes = statement<EndedNode & { readonly alone: boolean }>(`
  update group_projects n set state = e.state, built_ident = e.built_ident, updated_at = slipway_now()
  from unnest($1::uuid[], $2::group_project_state[], $3::text[]) e(id, state, built_ident), groups g
  where n.id = e.id and n.state = 'IN_PROGRESS' and g.id = n.group_id
  returning n.id, n.group_id, n.state, g.node_count = 1 as alone`);

/** What depends on a node that did not succeed will never start: skipped, with all that depends on it in turn. */
const skipDependents = statement<EndedNode>(`
  with recursive doomed as (
    select d.node_id from group_project_dependencies d where d.depends_on_id = any($1::uuid[])
    union
    select d.node_id from doomed join group_project_dependencies d on d.depends_on_id = doomed.node_id
  )
  update group_projects n set state = 'SKIPPED', updated_at = slipway_now()
  from doomed where n.id = doomed.node_id and n.state = 'NOT_STARTED'
  returning n.id, n.group_id, n.state`);

/**
 * Counts are summed per dependent first: an update applies only one row of those that it is joined with, so that two
 * parents in one batch would decrement once, and the child would wait for ever.
 */
const releaseDependents = statement<{ id: string; started: boolean }>(`
  with freed as materialized (
    select d.node_id, count(*)::integer as count
    from group_project_dependencies d where d.depends_on_id = any($1::uuid[])
    group by d.node_id
  )
  update group_projects n set waiting_on = n.waiting_on - freed.count,
    state = case when n.waiting_on = freed.count and g.cancel_requested_at is null then 'IN_PROGRESS' else n.state end,
    updated_at = slipway_now()
  from freed, groups g
  where n.id = freed.node_id and n.state = 'NOT_STARTED' and g.id = n.group_id
  returning n.id, n.state = 'IN_PROGRESS' as started`);

const countEnded = statement<{ id: string; state: GroupState }>(`
  update groups g set
    success_count = g.success_count + e.success, failure_count = g.failure_count + e.failure,
    skipped_count = g.skipped_count + e.skipped, canceled_count = g.canceled_count + e.canceled,
    state = case
      when g.success_count + g.failure_count + g.skipped_count + g.canceled_count + e.total < g.node_count then g.state
      when g.cancel_requested_at is not null then 'CANCELED'
      when g.success_count + e.success = g.node_count then 'COMPLETE'
      else 'FAILED' end,
    finished_at = case
      when g.success_count + g.failure_count + g.skipped_count + g.canceled_count + e.total = g.node_count
      then slipway_now() end,
    updated_at = slipway_now()
  from (
    select group_id, count(*)::integer as total,
      (count(*) filter (where state = 'SUCCESS'))::integer as success,
      (count(*) filter (where state = 'FAILURE'))::integer as failure,
      (count(*) filter (where state = 'SKIPPED'))::integer as skipped,
      (count(*) filter (where state = 'CANCELED'))::integer as canceled
    from unnest($1::uuid[], $2::group_project_state[]) ended(group_id, state) group by group_id
  ) e
  where g.id = e.group_id
  returning g.id, g.state`);

/**
 * Folds ended jobs into their groups, whose rows the caller has locked: ends the nodes, skips or releases what depends
 * on them, counts, and ends the group with its last node. Driven by the nodes that the compare-and-set returned, so
 * that a replay changes nothing. Returns the nodes that are to get a job now.
 */
export async function foldNodes(transaction: Transaction, endings: readonly NodeEnding[]): Promise<string[]> {
  if (endings.length === 0) return [];
  const ended = await transaction.run(endNodes, [
    endings.map(({ nodeId }) => nodeId),
    endings.map(({ state }) => state),
    endings.map(({ builtIdent }) => builtIdent),
  ]);
  const inGraphs = ended.filter(({ alone }) => !alone);
  const skipped = await skip(transaction, inGraphs);
  const [started] = await Promise.all([
    release(transaction, inGraphs),
    count(transaction, [...ended, ...skipped]),
  ]);
  return started;
}

async function skip(transaction: Transaction, ended: readonly EndedNode[]): Promise<EndedNode[]> {
  const failed = ended.filter(({ state }) => state !== 'SUCCESS').map(({ id }) => id);
  return failed.length === 0 ? [] : transaction.run(skipDependents, [failed]);
}

async function release(transaction: Transaction, ended: readonly EndedNode[]): Promise<string[]> {
  const succeeded = ended.filter(({ state }) => state === 'SUCCESS').map(({ id }) => id);
  if (succeeded.length === 0) return [];
  const released = await transaction.run(releaseDependents, [succeeded]);
  return released.filter(({ started }) => started).map(({ id }) => id);
}

async function count(transaction: Transaction, ended: readonly EndedNode[]): Promise<void> {
  if (ended.length === 0) return;
  await transaction.run(countEnded, [ended.map(({ group_id }) => group_id), ended.map(({ state }) => state)]);
}
