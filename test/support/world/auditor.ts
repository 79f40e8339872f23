import assert from 'node:assert/strict';
import type { TestDatabase } from '../database.js';

/**
 * The invariants of the design, each as a query that finds what breaks it. What later tables bring (schedules,
 * quarantine, audit seals) joins this list with them.
 */
const INVARIANTS: Readonly<Record<string, string>> = {
  '1 at most one live lease per job and per build': `
    select job_id as subject from busy_workers group by job_id having count(*) > 1
    union all select build_id from busy_workers group by build_id having count(*) > 1`,
  '2 leases of a worker do not exceed the highest limit that it was granted under': `
    select l.worker_id as subject from busy_workers l join workers w on w.id = l.worker_id
    group by l.worker_id, w.build_limit having count(*) > w.build_limit`,
  '3 a job has a live lease exactly while a worker has it': `
    select j.id as subject, j.state, l.accepted from jobs j left join busy_workers l on l.job_id = j.id
    where case j.state
      when 'PROCESSING' then l.accepted is distinct from false
      when 'RUNNING' then l.accepted is distinct from true
      when 'CANCEL_PENDING' then l.job_id is null
      when 'CANCEL_PROCESSING' then l.job_id is null
      else l.job_id is not null end`,
  '3b the build of a live lease is live, and no other is': `
    select b.id as subject, b.status, l.accepted from builds b left join busy_workers l on l.build_id = b.id
    where case b.status
      when 'OFFERED' then l.accepted is distinct from false
      when 'RUNNING' then l.accepted is distinct from true
      else l.build_id is not null end`,
  '4 final rows have finished_at, others do not': `
    select id as subject from jobs where (state in ('COMPLETE', 'FAILED', 'REJECTED', 'CANCEL_COMPLETE')) <> (finished_at is not null)
    union all select id from builds where (status in ('OFFERED', 'RUNNING')) <> (finished_at is null)
    union all select id from groups where (state in ('COMPLETE', 'FAILED', 'CANCELED')) <> (finished_at is not null)`,
  '5 a node that has started has only successful dependencies': `
    select n.id as subject from group_projects n
    join group_project_dependencies d on d.node_id = n.id join group_projects p on p.id = d.depends_on_id
    where n.state in ('IN_PROGRESS', 'SUCCESS') and p.state <> 'SUCCESS'`,
  '6 waiting_on of a node that has not started is the number of its unfinished dependencies': `
    select n.id as subject, n.waiting_on from group_projects n
    where n.state = 'NOT_STARTED' and n.waiting_on <> (
      select count(*) from group_project_dependencies d join group_projects p on p.id = d.depends_on_id
      where d.node_id = n.id and p.state <> 'SUCCESS')`,
  '6b a node in progress has a live job, a node that ended has none': `
    select n.id as subject, n.state, j.state as job from group_projects n left join jobs j on j.group_project_id = n.id
    where case when n.state = 'IN_PROGRESS' then j.id is null or j.finished_at is not null
      else j.id is not null and j.finished_at is null end`,
  '7 a final group has no live lease and only final nodes': `
    select g.id as subject from groups g where g.finished_at is not null and (
      exists (select 1 from jobs j join busy_workers l on l.job_id = j.id where j.group_id = g.id)
      or exists (select 1 from group_projects n where n.group_id = g.id and n.state in ('NOT_STARTED', 'IN_PROGRESS')))`,
  '7b the counts of a group are those of its nodes': `
    select g.id as subject from groups g join lateral (
      select count(*) filter (where state = 'SUCCESS') as success, count(*) filter (where state = 'FAILURE') as failure,
        count(*) filter (where state = 'SKIPPED') as skipped, count(*) filter (where state = 'CANCELED') as canceled
      from group_projects where group_id = g.id) n on true
    where (g.success_count, g.failure_count, g.skipped_count, g.canceled_count)
      is distinct from (n.success::int, n.failure::int, n.skipped::int, n.canceled::int)`,
  '8 a group that dispatches without a live lease has a job that waits': `
    select g.id as subject from groups g where g.state = 'DISPATCHING'
      and not exists (select 1 from jobs j where j.group_id = g.id and j.finished_at is null)`,
  '9 no lease belongs to a session of another worker': `
    select l.build_id as subject from busy_workers l join worker_sessions s on s.id = l.session_id
    where s.worker_id <> l.worker_id`,
  '10 at most one job per node': `
    select group_project_id as subject from jobs group by group_project_id having count(*) > 1`,
  '11 every started piece of work is closed once, or still open': `
    select s.build_id as subject, s.process from work_history s
    where s.event = 'Started' and 1 <> (
      select count(*) from work_history e where e.build_id = s.build_id and e.process = s.process and e.event <> 'Started')
      + (select count(*) from busy_workers l where l.build_id = s.build_id
         and ((s.process = 'DISPATCH' and not l.accepted) or (s.process = 'BUILD' and l.accepted)))
    union all
    select e.build_id, e.process from work_history e where e.event <> 'Started' and not exists (
      select 1 from work_history s where s.build_id = e.build_id and s.process = e.process and s.event = 'Started')`,
  '12 what is missing in a sealed log is counted': `
    select s.build_id as subject, s.step from step_logs s cross join lateral (
      select count(*) as stored from log_chunks c
      where c.build_id = s.build_id and c.step = s.step and (s.capped_from is null or c.seq < s.capped_from)) c
    where s.sealed_at is not null and s.archived_at is null and s.removed_at is null
      and c.stored + s.missing <> s.last_seq::bigint + (s.capped_from is null)::integer`,
  '12b the logs of a sealed build are sealed, and of no other': `
    select b.id as subject, b.log_state from builds b join step_logs s on s.build_id = b.id
    where (b.log_state in ('SEALED', 'ARCHIVED')) <> (s.sealed_at is not null)`,
  '12c every stored chunk is counted once': `
    select coalesce(s.build_id, c.build_id) as subject, s.chunks, c.chunks as stored from step_logs s full join (
      select build_id, step, count(*) as chunks, sum(octet_length(data)) as bytes, max(seq) as max_seq
      from log_chunks group by build_id, step) c on (c.build_id, c.step) = (s.build_id, s.step)
    where s.archived_at is null and s.removed_at is null and (s.chunks, s.bytes, s.max_seq)
      is distinct from (coalesce(c.chunks, 0), coalesce(c.bytes, 0), coalesce(c.max_seq, -1))`,
  '12d a log is in one place': `
    select s.build_id as subject, s.step from step_logs s join log_chunks c on (c.build_id, c.step) = (s.build_id, s.step)
    where s.archived_at is not null or s.removed_at is not null`,
  '13 an ident was built only by a node that succeeded': `
    select id as subject from group_projects where built_ident is not null and state <> 'SUCCESS'`,
  '14 targets agree along group, node, job, lease and worker': `
    select j.id as subject from jobs j join group_projects n on n.id = j.group_project_id
    left join busy_workers l on l.job_id = j.id left join workers w on w.id = l.worker_id
    where j.target <> n.target or l.target <> j.target or not (j.target = any(w.targets))`,
  '16 leases of a repo do not exceed the limit under which the last one was granted': `
    select r.id as subject, count(*), r.build_limit from repos r join busy_workers l on l.repo_id = r.id
    group by r.id having count(*) > r.build_limit and max(l.created_at) > r.updated_at`,
  '17 leases of a concurrency group do not, either': `
    select g.id as subject, g.key, count(*), g.build_limit
    from concurrency_groups g join busy_workers l on l.concurrency_group_id = g.id
    group by g.id having count(*) > g.build_limit and max(l.created_at) > g.updated_at`,
  '17b a lease belongs to the concurrency group of its job': `
    select l.build_id as subject from busy_workers l join jobs j on j.id = l.job_id join lanes on lanes.id = j.lane_id
    where l.concurrency_group_id is distinct from lanes.concurrency_group_id`,
  '18 a lane in which something is ready says so': `
    select l.id as subject from lanes l where exists (
      select 1 from jobs j where j.lane_id = l.id and j.state = 'PENDING'
        and (l.ready_from is null or l.ready_from > j.ready_at))`,
  '19 the status of a worker is what its leases and sessions make of it': `
    select w.id as subject, w.status from workers w
    left join worker_sessions s on s.worker_id = w.id and s.state <> 'CLOSED'
    cross join lateral (select count(*) as used from busy_workers b where b.worker_id = w.id) l
    where w.status <> case
      when w.revoked_at is not null or (s.id is null and l.used = 0) then 'UNREGISTERED'
      when w.maintenance_until > slipway_now() then 'MAINTENANCE'
      when l.used >= w.build_limit then 'BUSY' else 'AVAILABLE' end::worker_status`,
};

/** Fails with every invariant that does not hold and the rows that break it. */
export async function assertSound(database: TestDatabase): Promise<void> {
  const broken: string[] = [];
  for (const [invariant, sql] of Object.entries(INVARIANTS)) {
    const rows = await database.query(`${sql} limit 5`);
    if (rows.length > 0) broken.push(`${invariant}: ${JSON.stringify(rows)}`);
  }
  assert.deepEqual(broken, []);
}
