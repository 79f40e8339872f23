import type { PageKey, PageRequest } from '../database/page-key.js';
import type { Queryable } from '../database/queryable.js';

/** A page of all repos, by organisation and name. */
export async function listRepos(db: Queryable, page: PageRequest): Promise<readonly PageKey[]> {
  const [org = null, name = null] = page.after ?? [];
  const { rows } = await db.query<{ id: string; org: string; name: string }>(
    `select repos.id, organisations.name as org, repos.name
     from repos join organisations on organisations.id = repos.organisation_id
     where $1::text is null or (organisations.name, repos.name) > ($1, $2::text)
     order by organisations.name, repos.name limit $3`,
    [org, name, page.limit],
  );
  return rows.map((row) => ({ id: row.id, sortedBy: [row.org, row.name] }));
}
