import type { ClientBase } from 'pg';
import type { TestDatabase } from '../database.js';
import type { PlannedRepo } from './world.js';

export interface BacklogOptions {
  readonly repos: readonly PlannedRepo[];
  /** Waiting jobs of each repo. */
  readonly depth: number;
}

/**
 * Inserts so many waiting jobs of one lane per repo, with the rows that they need, in one statement: 100,000 of them
 * take some seconds, where admitting them would take minutes.
 */
export async function insertBacklog(database: TestDatabase, { repos, depth }: BacklogOptions): Promise<void> {
  const client = await database.pool.connect();
  try {
    await client.query('begin; set local statement_timeout = 0');
    await insert(client, { repos, depth });
    await client.query('commit');
  } finally {
    client.release();
  }
}

async function insert(client: ClientBase, { repos, depth }: BacklogOptions): Promise<void> {
  await client.query(
    `with spec as (insert into job_specs (sha256, body) values (sha256('{}'), '{"version":"1","steps":[]}')
       on conflict do nothing),
     repo as materialized (select * from unnest($1::uuid[], $2::uuid[]) r(id, project_id)),
     change as (insert into changes (repo_id, event, commit_sha, state, finished_at)
       select id, 'push', repeat('a', 40), 'PLANNED', slipway_now() from repo returning id, repo_id),
     lane as (insert into lanes (repo_id, target, trusted, ready_from, rank_at)
       select id, 'x86_64-linux', true, slipway_now(), slipway_now() from repo returning id, repo_id),
     fresh as materialized (
       select gen_random_uuid() as group_id, gen_random_uuid() as node_id, n as number, repo.project_id, repo.id as repo_id,
         change.id as change_id, lane.id as lane_id
       from repo join change on change.repo_id = repo.id join lane on lane.repo_id = repo.id, generate_series(1, $3) n),
     made_groups as (insert into groups (id, change_id, root_project_id, target, state, scope, node_count)
       select group_id, change_id, project_id, 'x86_64-linux', 'DISPATCHING', 'package_only', 1 from fresh),
     made_nodes as (insert into group_projects (id, group_id, project_id, target, state, lane_id, spec_sha256,
         timeout_ms, vcs_url, vcs_commit)
       select node_id, group_id, project_id, 'x86_64-linux', 'IN_PROGRESS', lane_id, sha256('{}'), 60000, 'file:///',
         repeat('a', 40) from fresh),
     numbered as (update job_numbers set last_number = $3 where repo_id = any($1))
     insert into jobs (repo_id, number, group_id, group_project_id, project_id, target, lane_id, spec_sha256, vcs_url,
       vcs_commit, event, timeout_ms, queue_deadline)
     select repo_id, number, group_id, node_id, project_id, 'x86_64-linux', lane_id, sha256('{}'), 'file:///',
       repeat('a', 40), 'push', 60000, slipway_now() + interval '1 day' from fresh`,
    [repos.map(({ repoId }) => repoId), repos.map(({ projectId }) => projectId), depth],
  );
}
