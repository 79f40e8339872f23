import type { Queryable } from '../database/queryable.js';

/** A project as the planner needs it. */
export interface ProjectRecord {
  readonly id: string;
  readonly name: string;
  /** Directory within the repo; empty for the whole of it. */
  readonly path: string;
  readonly targets: readonly string[];
}

/** Those projects of a repo that are named, in the order of their names. */
export async function findProjects(
  db: Queryable,
  request: { readonly repoId: string; readonly names: readonly string[] },
): Promise<readonly ProjectRecord[]> {
  const { rows } = await db.query<ProjectRecord & { readonly id: string }>(
    `select id, name, path, targets from projects
     where repo_id = $1 and name = any($2::text[]) order by name`,
    [request.repoId, request.names],
  );
  return rows;
}
