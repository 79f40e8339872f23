import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import type { PlannedGroup } from '../src/groups/group-plan.js';
import type { BenchRepo } from './installation.js';

const INSERTED_AT_ONCE = 5_000;
const TIMEOUT_MS = 1_800_000;

/**
 * Changes that are just being resolved, as the planner leaves them before it admits their groups: rows of the database
 * and compiled plans. Each has a commit of its own, by which its package is known again.
 */
export class Plans {
  #made = 0;

  constructor(
    private readonly pool: Pool,
    private readonly repo: BenchRepo,
    /** A compiled pipeline, as the planner stored it. */
    private readonly spec: string,
  ) {}

  /** Makes so many changes of one group with one node. */
  async make(count: number): Promise<PlannedGroup[]> {
    const groups: PlannedGroup[] = [];
    while (groups.length < count) {
      groups.push(...(await this.#insert(Math.min(INSERTED_AT_ONCE, count - groups.length))));
    }
    return groups;
  }

  async #insert(count: number): Promise<PlannedGroup[]> {
    const groups = Array.from({ length: count }, () => this.#planned());
    await this.pool.query(
      `insert into changes (id, repo_id, event, branch, commit_sha, state, lease_until)
       select change.id, $3, 'push', 'main', change.commit_sha, 'RESOLVING', slipway_now() + interval '1 hour'
       from unnest($1::uuid[], $2::text[]) change(id, commit_sha)`,
      [groups.map(({ changeId }) => changeId), groups.map(commitOf), this.repo.id],
    );
    return groups;
  }

  #planned(): PlannedGroup {
    this.#made += 1;
    const { id: repoId, projectId, cloneUrl, target } = this.repo;
    const commit = this.#made.toString(16).padStart(40, '0');
    const node = {
      projectId,
      spec: this.spec,
      requirements: {},
      timeoutMs: TIMEOUT_MS,
      cloneUrl,
      ref: 'refs/heads/main',
      branch: 'main',
      commit,
      dependsOn: [],
    };
    return {
      id: randomUUID(),
      changeId: randomUUID(),
      repoId,
      rootProjectId: projectId,
      target,
      scope: 'package_only',
      onFailure: 'continue',
      trusted: true,
      priority: 0,
      nodes: [node],
    };
  }
}

/** The commit of a plan's one node. */
export function commitOf({ nodes }: PlannedGroup): string {
  return nodes[0]?.commit ?? '';
}
