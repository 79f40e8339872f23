import type { Transaction } from '../database/hot-connection.js';
import { statement } from '../database/statement.js';

/** A job that was just created for a node. */
export interface CreatedJob {
  readonly id: string;
  readonly repo_id: string;
  readonly group_id: string;
  readonly lane_id: string;
  readonly target: string;
  readonly number: number;
}

/** Job numbers come from one row per repo, so that two never meet; the rows are locked in order of id. */
const lockNumbers = statement(`
  select repo_id from job_numbers
  where repo_id in (select p.repo_id from group_projects n join projects p on p.id = n.project_id where n.id = any($1::uuid[]))
  order by repo_id for no key update`);

/** One job for each node that has none; a node that is started twice keeps its first job. */
const insertJobs = statement<CreatedJob>(`
  with node as materialized (
    select n.*, p.repo_id, c.event, r.queue_timeout_ms,
      row_number() over (partition by p.repo_id order by n.group_id, n.id) as position
    from group_projects n
    join projects p on p.id = n.project_id
    join repos r on r.id = p.repo_id
    join groups g on g.id = n.group_id
    join changes c on c.id = g.change_id
    where n.id = any($1::uuid[]) and not exists (select 1 from jobs j where j.group_project_id = n.id)
  ),
  numbered as (
    update job_numbers k set last_number = k.last_number + taken.count
    from (select repo_id, count(*)::integer as count from node group by repo_id) taken
    where k.repo_id = taken.repo_id
    returning k.repo_id, k.last_number - taken.count as base
  )
  insert into jobs (repo_id, number, group_id, group_project_id, project_id, target, lane_id, spec_sha256,
    vcs_url, vcs_ref, vcs_commit, event, branch, timeout_ms, queue_deadline)
  select n.repo_id, k.base + n.position, n.group_id, n.id, n.project_id, n.target, n.lane_id, n.spec_sha256,
    n.vcs_url, n.vcs_ref, n.vcs_commit, n.event, n.branch, n.timeout_ms,
    slipway_now() + n.queue_timeout_ms * interval '1 millisecond'
  from node n join numbered k using (repo_id)
  returning id, repo_id, group_id, lane_id, target, number`);

/** Creates the jobs of nodes that are IN_PROGRESS. Their lanes must be marked waiting at the transaction's end. */
export async function createJobs(
  transaction: Transaction,
  nodeIds: readonly string[],
): Promise<CreatedJob[]> {
  if (nodeIds.length === 0) return [];
  const [, created] = await Promise.all([
    transaction.run(lockNumbers, [nodeIds]),
    transaction.run(insertJobs, [nodeIds]),
  ]);
  return created;
}
