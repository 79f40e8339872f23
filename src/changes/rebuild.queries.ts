import type { Queryable } from '../database/queryable.js';

/** What is built once more: one project for one target, as a group had it. */
export interface RebuildSource {
  readonly changeId: string;
  readonly groupId: string;
  readonly repoId: string;
  readonly project: string;
  readonly target: string;
  /** What was checked out, which is not always what the change named. */
  readonly commit: string;
}

interface SourceRow {
  readonly change_id: string;
  readonly group_id: string;
  readonly repo_id: string;
  readonly project: string;
  readonly target: string;
  readonly commit: string;
}

/** The project and target of a job, with the group and the change that it came from. */
export async function findJobSource(db: Queryable, jobId: string): Promise<RebuildSource | undefined> {
  const { rows } = await db.query<SourceRow>(
    `select g.change_id, g.id as group_id, c.repo_id, p.name as project, n.target, n.vcs_commit as commit
     from jobs j
     join group_projects n on n.id = j.group_project_id
     join projects p on p.id = n.project_id
     join groups g on g.id = j.group_id
     join changes c on c.id = g.change_id
     where j.id = $1`,
    [jobId],
  );
  return rows.map(sourceOf)[0];
}

/** The root project and target of a group, with its change. */
export async function findGroupSource(db: Queryable, groupId: string): Promise<RebuildSource | undefined> {
  const { rows } = await db.query<SourceRow>(
    `select g.change_id, g.id as group_id, c.repo_id, p.name as project, g.target, n.vcs_commit as commit
     from groups g
     join projects p on p.id = g.root_project_id
     join group_projects n on n.group_id = g.id and n.project_id = g.root_project_id
     join changes c on c.id = g.change_id
     where g.id = $1`,
    [groupId],
  );
  return rows.map(sourceOf)[0];
}

/** How a rebuild differs from what it repeats. */
export interface RebuildRequest {
  readonly source: RebuildSource;
  readonly sender: string;
  readonly idempotencyKey: string | null;
}

/**
 * Writes a RECEIVED change that says the same as the one it repeats, commit and all; undefined, and nothing written,
 * when the repo has a change with that idempotency key. Copied in the statement, so that it repeats what is there.
 */
export async function insertRebuild(
  db: Queryable,
  { source, sender, idempotencyKey }: RebuildRequest,
): Promise<string | undefined> {
  const { rows } = await db.query<{ id: string }>(
    `insert into changes (repo_id, event, action, ref, branch, base_commit, commit_sha, ruleset_target, tag, title,
       comment, paths, labels, trusted, priority, sender, idempotency_key, projects, target, rebuild_of, rebuilt_group_id)
     select repo_id, event, action, ref, branch, base_commit, $7, ruleset_target, tag, title,
       comment, paths, labels, trusted, priority, $2, $3, array[$4::text], $5, id, $6
     from changes where id = $1
     on conflict (repo_id, idempotency_key) do nothing
     returning id`,
    [source.changeId, sender, idempotencyKey, source.project, source.target, source.groupId, source.commit],
  );
  return rows[0]?.id;
}

/** The change that a repo has under an idempotency key, and what of which group it builds once more. */
export async function findRebuildByKey(
  db: Queryable,
  repoId: string,
  idempotencyKey: string | null,
): Promise<{ id: string; rebuilt_group_id: string | null; project: string | null } | undefined> {
  const { rows } = await db.query<{ id: string; rebuilt_group_id: string | null; project: string | null }>(
    `select id, rebuilt_group_id, projects[1] as project from changes where repo_id = $1 and idempotency_key = $2`,
    [repoId, idempotencyKey],
  );
  return rows[0];
}

function sourceOf(row: SourceRow): RebuildSource {
  const { change_id, group_id, repo_id, ...rest } = row;
  return { changeId: change_id, groupId: group_id, repoId: repo_id, ...rest };
}
