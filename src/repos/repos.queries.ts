import type { Queryable } from '../database/queryable.js';
import type { RepoName } from './repo-name.js';

/** A repo as operations need it. */
export interface RepoRecord {
  readonly id: string;
  readonly org: string;
  readonly name: string;
  readonly cloneUrl: string;
  readonly defaultBranch: string;
  readonly active: boolean;
}

interface RepoRow {
  readonly id: string;
  readonly org: string;
  readonly name: string;
  readonly clone_url: string;
  readonly default_branch: string;
  readonly active: boolean;
}

/** The repo "org/name"; undefined where there is none. */
export async function findRepo(db: Queryable, { org, name }: RepoName): Promise<RepoRecord | undefined> {
  const { rows } = await db.query<RepoRow>(
    `select repos.id, organisations.name as org, repos.name, clone_url, default_branch, active
     from repos join organisations on organisations.id = repos.organisation_id
     where organisations.name = $1 and repos.name = $2`,
    [org, name],
  );
  return rows[0] === undefined ? undefined : recordOf(rows[0]);
}

/** What {@link insertRepo} writes. */
export interface NewRepo extends RepoName {
  readonly cloneUrl: string;
  readonly defaultBranch: string;
  readonly targets: readonly string[];
  readonly timeoutMs: number | null;
  readonly buildLimit: number | null;
}

/**
 * Writes a repo with its root project, its counter and, if need be, its organisation; undefined, and nothing written,
 * when the organisation has a repo of that name. One statement and so one transaction, whatever `db` is: the foreign
 * keys among its parts are checked at its end. Two callers at once: the unique indexes let one of them write.
 */
export async function insertRepo(db: Queryable, repo: NewRepo): Promise<RepoRecord | undefined> {
  const { rows } = await db.query<RepoRow>(
    `with organisation as (
       -- Updated to what it is, so that the row comes back also when it was there.
       insert into organisations (name) values ($1)
       on conflict (name) do update set name = excluded.name returning id, name
     ), repo as (
       insert into repos (organisation_id, name, clone_url, default_branch, timeout_ms, build_limit)
       select id, $2, $3, $4, coalesce($6::integer, 1800000), coalesce($7::integer, 10) from organisation
       on conflict (organisation_id, name) do nothing
       returning id, name, clone_url, default_branch, active
     ), project as (
       insert into projects (repo_id, name, path, targets) select id, $1 || '/' || name, '', $5::text[] from repo
     ), counter as (
       insert into job_numbers (repo_id) select id from repo
     )
     select repo.id, organisation.name as org, repo.name, clone_url, default_branch, active from repo, organisation`,
    [repo.org, repo.name, repo.cloneUrl, repo.defaultBranch, repo.targets, repo.timeoutMs, repo.buildLimit],
  );
  return rows[0] === undefined ? undefined : recordOf(rows[0]);
}

function recordOf(row: RepoRow): RepoRecord {
  const { id, org, name, active } = row;
  return { id, org, name, cloneUrl: row.clone_url, defaultBranch: row.default_branch, active };
}
