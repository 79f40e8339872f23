import { randomBytes, randomUUID } from 'node:crypto';
import type { TestDatabase } from '../../support/database.js';

/** Rows that belong together: a repo with a change that became one group of one job. Ids by table. */
export interface Rows {
  readonly org: string;
  readonly repo: string;
  readonly project: string;
  readonly change: string;
  readonly group: string;
  readonly lane: string;
  readonly spec: Buffer;
}

/** A repo "acme/<name>" with a planned change. */
export async function insertRepo(database: TestDatabase, name: string): Promise<Rows> {
  const [org] = await database.query<{ id: string }>(
    `insert into organisations (name) values ('acme')
     on conflict (lower(name)) do update set name = excluded.name returning id`,
  );
  const rows = {
    org: org?.id ?? '',
    repo: randomUUID(),
    project: randomUUID(),
    change: randomUUID(),
    group: randomUUID(),
    lane: randomUUID(),
    spec: randomBytes(32),
  };
  await database.query(
    `insert into repos (id, organisation_id, name, clone_url, default_branch) values ($1, $2, $3, $4, 'main')`,
    [rows.repo, rows.org, name, `https://example.org/${name}.git`],
  );
  await database.query(
    `insert into projects (id, repo_id, name, targets) values ($1, $2, $3, '{x86_64-linux}')`,
    [rows.project, rows.repo, `acme/${name}`],
  );
  await database.query(
    `insert into changes (id, repo_id, event, branch, state, finished_at)
     values ($1, $2, 'push', 'main', 'PLANNED', now())`,
    [rows.change, rows.repo],
  );
  await database.query(
    `insert into groups (id, change_id, root_project_id, target, state, scope, node_count)
     values ($1, $2, $3, 'x86_64-linux', 'DISPATCHING', 'full', 1)`,
    [rows.group, rows.change, rows.project],
  );
  await database.query(`insert into change_groups (change_id, group_id) values ($1, $2)`, [
    rows.change,
    rows.group,
  ]);
  await database.query(
    `insert into lanes (id, repo_id, target, trusted, ready_from) values ($1, $2, 'x86_64-linux', true, now())`,
    [rows.lane, rows.repo],
  );
  await database.query(`insert into job_specs (sha256, body) values ($1, '{}')`, [rows.spec]);
  return rows;
}

/** A pending job with the given number; each has a project and a node of its own in the repo's group. */
export async function insertJob(database: TestDatabase, rows: Rows, number: number): Promise<string> {
  const job = randomUUID();
  const [node, project] = [randomUUID(), randomUUID()];
  await database.query(
    `insert into projects (id, repo_id, name, targets) values ($1, $2, $3, '{x86_64-linux}')`,
    [project, rows.repo, `acme/${project}`],
  );
  await database.query(
    `insert into group_projects (id, group_id, project_id, target, state, lane_id, spec_sha256, timeout_ms, vcs_url,
       vcs_commit)
     values ($1, $2, $3, 'x86_64-linux', 'IN_PROGRESS', $4, $5, 1000, 'https://example.org', $6)`,
    [node, rows.group, project, rows.lane, rows.spec, 'a'.repeat(40)],
  );
  await database.query(
    `insert into jobs (id, repo_id, number, group_id, group_project_id, project_id, target, lane_id, spec_sha256,
       vcs_url, vcs_commit, event, branch, timeout_ms, queue_deadline)
     values ($1, $2, $3, $4, $5, $6, 'x86_64-linux', $7, $8, 'https://example.org', $9, 'push', 'main', 1000,
       now() + interval '1 day')`,
    [job, rows.repo, number, rows.group, node, project, rows.lane, rows.spec, 'a'.repeat(40)],
  );
  return job;
}

/** A worker with an open session that takes work. */
export interface WorkerRows {
  readonly worker: string;
  readonly session: string;
}

/** Inserts a worker of a pool that serves all repos. */
export async function insertWorker(database: TestDatabase, hostname: string): Promise<WorkerRows> {
  const [worker, session, replica] = [randomUUID(), randomUUID(), randomUUID()];
  const [pool] = await database.query<{ id: string }>(
    `insert into pools (name) values ('default')
     on conflict (name) do update set name = excluded.name returning id`,
  );
  await database.query(
    `insert into workers (id, hostname, pool_id, targets, labels, build_limit, identity_key, key_thumbprint, status)
     values ($1, $2, $3, '{x86_64-linux}', '{"size": "large"}', 2, $4, $5, 'AVAILABLE')`,
    [worker, hostname, pool?.id, randomBytes(32), randomUUID()],
  );
  await database.query(`insert into replicas (id, seen_at) values ($1, now())`, [replica]);
  await database.query(
    `insert into worker_sessions (id, worker_id, epoch, replica_id, boot_id, state, accepts_work, lease_until)
     values ($1, $2, 1, $3, 'boot', 'READY', true, now() + interval '1 minute')`,
    [session, worker, replica],
  );
  return { worker, session };
}

/** A running build of a job in a slot of a worker, with its lease. */
export async function insertBuild(
  database: TestDatabase,
  of: { job: string; repo: string; slot: number } & WorkerRows,
): Promise<string> {
  const build = randomUUID();
  await database.query(
    `insert into builds (id, job_id, offer, attempt, worker_id, session_id, slot, status, hard_deadline)
     values ($1, $2, 1, 1, $3, $4, $5, 'RUNNING', now() + interval '1 hour')`,
    [build, of.job, of.worker, of.session, of.slot],
  );
  await database.query(
    `insert into busy_workers (worker_id, slot, build_id, job_id, repo_id, session_id, target, accepted, hard_deadline)
     values ($1, $2, $3, $4, $5, $6, 'x86_64-linux', true, now() + interval '1 hour')`,
    [of.worker, of.slot, build, of.job, of.repo, of.session],
  );
  return build;
}

/** A piece of a build's log, counted as the server does. */
export async function insertLogChunk(
  database: TestDatabase,
  chunk: { build: string; step: number; seq: number; data: Buffer | string },
): Promise<void> {
  await database.query(
    `with written as (
       insert into log_chunks (build_id, step, seq, data) values ($1, $2, $3, $4) returning octet_length(data) as size
     )
     insert into step_logs as s (build_id, step, chunks, bytes, max_seq) select $1, $2, 1, size, $3 from written
     on conflict (build_id, step) do update set chunks = s.chunks + 1, bytes = s.bytes + excluded.bytes,
       max_seq = greatest(s.max_seq, excluded.max_seq)`,
    [chunk.build, chunk.step, chunk.seq, Buffer.from(chunk.data)],
  );
}
