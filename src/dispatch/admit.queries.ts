import type { Transaction } from '../database/hot-connection.js';
import { statement } from '../database/statement.js';
import type { PlannedGroup, PlannedNode } from '../groups/group-plan.js';

/** A node about to be written, with what its group and the caller know of it. */
export interface NodeRow {
  readonly id: string;
  readonly groupId: string;
  readonly laneId: string;
  readonly concurrencyGroupId: string | null;
  readonly specSha256: Buffer;
  readonly target: string;
  readonly node: PlannedNode;
}

const lockChanges = statement<{ id: string; state: string }>(`
  select id, state from changes where id = any($1::uuid[]) order by id for no key update`);

/** Locks changes and gives the state of each, as it is now. */
export async function lockChangeStates(
  transaction: Transaction,
  changeIds: readonly string[],
): Promise<Map<string, string>> {
  const rows = await transaction.run(lockChanges, [changeIds]);
  return new Map(rows.map(({ id, state }) => [id, state]));
}

const markPlanned = statement(`
  update changes set state = 'PLANNED', finished_at = slipway_now(), lease_until = null, updated_at = slipway_now()
  where id = any($1::uuid[]) and state = 'RESOLVING'`);

const insertGroups = statement(`
  insert into groups (id, change_id, root_project_id, target, state, on_failure, scope, node_count, rebuild_of)
  select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[],
    array_fill('DISPATCHING'::group_state, array[cardinality($1::uuid[])]),
    $5::group_on_failure[], $6::group_scope[], $7::integer[], $8::uuid[])`);

const linkChanges = statement(`
  insert into change_groups (change_id, group_id) select * from unnest($1::uuid[], $2::uuid[])`);

/** Marks the changes PLANNED and writes their groups, in the caller's transaction. */
export async function insertPlannedGroups(
  transaction: Transaction,
  groups: readonly PlannedGroup[],
): Promise<void> {
  const ids = groups.map(({ id }) => id);
  const changeIds = groups.map(({ changeId }) => changeId);
  await Promise.all([
    transaction.run(markPlanned, [changeIds]),
    transaction.run(insertGroups, [
      ids,
      changeIds,
      groups.map(({ rootProjectId }) => rootProjectId),
      groups.map(({ target }) => target),
      groups.map(({ onFailure }) => onFailure),
      groups.map(({ scope }) => scope),
      groups.map(({ nodes }) => nodes.length),
      groups.map(({ rebuildOf }) => rebuildOf ?? null),
    ]),
    transaction.run(linkChanges, [changeIds, ids]),
  ]);
}

const insertSpecs = statement(`
  insert into job_specs (sha256, body)
  select * from unnest($1::bytea[], $2::text[]) spec(sha256, body) order by sha256
  on conflict do nothing`);

/** Nodes without dependencies are in progress from the first moment: their job is written by the same transaction. */
const insertNodes = statement(`
  insert into group_projects (id, group_id, project_id, target, waiting_on, state, lane_id, spec_sha256, timeout_ms,
    vcs_url, vcs_ref, vcs_commit, branch)
  select id, group_id, project_id, target, waiting_on,
    case when waiting_on = 0 then 'IN_PROGRESS' else 'NOT_STARTED' end::group_project_state,
    lane_id, spec_sha256, timeout_ms, vcs_url, vcs_ref, vcs_commit, branch
  from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::integer[], $6::uuid[], $7::bytea[], $8::integer[],
    $9::text[], $10::text[], $11::text[], $12::text[])
    node(id, group_id, project_id, target, waiting_on, lane_id, spec_sha256, timeout_ms, vcs_url, vcs_ref, vcs_commit, branch)`);

const insertEdges = statement(`
  insert into group_project_dependencies (group_id, node_id, depends_on_id)
  select * from unnest($1::uuid[], $2::uuid[], $3::uuid[])`);

/** Writes the nodes and edges of groups that this transaction has just made. */
export async function insertGraph(transaction: Transaction, rows: readonly NodeRow[]): Promise<void> {
  const specs = new Map(rows.map(({ specSha256, node }) => [specSha256.toString('hex'), node.spec]));
  await Promise.all([
    transaction.run(insertSpecs, [
      [...specs.keys()].map((hex) => Buffer.from(hex, 'hex')),
      [...specs.values()],
    ]),
    transaction.run(insertNodes, nodeColumns(rows)),
    ...insertedEdges(transaction, rows),
  ]);
}

function nodeColumns(rows: readonly NodeRow[]): unknown[] {
  const nodes = rows.map(({ node }) => node);
  return [
    rows.map(({ id }) => id),
    rows.map(({ groupId }) => groupId),
    nodes.map(({ projectId }) => projectId),
    rows.map(({ target }) => target),
    nodes.map(({ dependsOn }) => dependsOn.length),
    rows.map(({ laneId }) => laneId),
    rows.map(({ specSha256 }) => specSha256),
    nodes.map(({ timeoutMs }) => timeoutMs),
    nodes.map(({ cloneUrl }) => cloneUrl),
    nodes.map(({ ref }) => ref),
    nodes.map(({ commit }) => commit),
    nodes.map(({ branch }) => branch),
  ];
}

/** Positions in a plan are positions within its group: rows of a group stand together, in the plan's order. */
function insertedEdges(transaction: Transaction, rows: readonly NodeRow[]): Promise<unknown>[] {
  const firstOfGroup = new Map<string, number>();
  rows.forEach(({ groupId }, index) => {
    if (!firstOfGroup.has(groupId)) firstOfGroup.set(groupId, index);
  });
  const edges = rows.flatMap((row) =>
    row.node.dependsOn.map((position) => {
      const dependency = rows[(firstOfGroup.get(row.groupId) ?? 0) + position];
      return { group: row.groupId, node: row.id, dependsOn: dependency?.id };
    }),
  );
  if (edges.length === 0) return [];
  const columns = [
    edges.map(({ group }) => group),
    edges.map(({ node }) => node),
    edges.map(({ dependsOn }) => dependsOn),
  ];
  return [transaction.run(insertEdges, columns)];
}
