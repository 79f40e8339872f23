import { createHash, randomUUID } from 'node:crypto';
import type { Queryable } from '../database/queryable.js';
import type { PlannedGroup, PlannedNode } from '../groups/group-plan.js';
import type { NodeRow } from './admit.queries.js';
import { declareConcurrencyGroup } from './concurrency-groups.queries.js';
import type { LaneDirectory } from './lane-directory.js';

/** Finds the place of planned nodes: their lanes and concurrency groups, which are made where there are none. */
export class NodePlacing {
  constructor(private readonly options: { readonly db: Queryable; readonly lanes: LaneDirectory }) {}

  /** Rows for the nodes of a group, in the order of its plan. */
  place(group: PlannedGroup): Promise<NodeRow[]> {
    return Promise.all(group.nodes.map((node) => this.#place(group, node)));
  }

  async #place(group: PlannedGroup, node: PlannedNode): Promise<NodeRow> {
    const { repoId, target, trusted, priority } = group;
    const { requirements } = node;
    const concurrencyGroupId = await this.#concurrencyGroupOf(group, node);
    const key = { repoId, target, trusted, priority, requirements, concurrencyGroupId };
    return {
      id: randomUUID(),
      groupId: group.id,
      laneId: await this.options.lanes.laneFor(key),
      concurrencyGroupId,
      specSha256: createHash('sha256').update(node.spec).digest(),
      target,
      node,
    };
  }

  /** Declared each time, since a pipeline may have changed its limit. */
  async #concurrencyGroupOf(
    { repoId, trusted }: PlannedGroup,
    { concurrency }: PlannedNode,
  ): Promise<string | null> {
    return concurrency === undefined
      ? null
      : declareConcurrencyGroup(this.options.db, { ...concurrency, repoId, trusted });
  }
}
