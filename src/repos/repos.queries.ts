import type { Queryable } from '../database/queryable.js';
import type { CloneCredential } from '../protocol/messages.js';
import type { RepoName } from './repo-name.js';

/** A repo as operations need it. */
export interface RepoRecord {
  readonly id: string;
  readonly org: string;
  readonly name: string;
  readonly cloneUrl: string;
  readonly defaultBranch: string;
  readonly active: boolean;
  readonly hasCredential: boolean;
  /** Grows with every update. */
  readonly version: number;
}

interface RepoRow {
  readonly id: string;
  readonly org: string;
  readonly name: string;
  readonly clone_url: string;
  readonly default_branch: string;
  readonly active: boolean;
  readonly has_credential: boolean;
  readonly version: number;
}

const COLUMNS = `clone_url, default_branch, active, credential_kind is not null as has_credential, version`;

/** The repo "org/name", in whatever case it is written; undefined where there is none. */
export async function findRepo(db: Queryable, { org, name }: RepoName): Promise<RepoRecord | undefined> {
  const { rows } = await db.query<RepoRow>(
    `select repos.id, organisations.name as org, repos.name, ${COLUMNS}
     from repos join organisations on organisations.id = repos.organisation_id
     where lower(organisations.name) = lower($1) and lower(repos.name) = lower($2)`,
    [org, name],
  );
  return rows.map(recordOf)[0];
}

/** A credential as it is stored. */
export interface NewCredential {
  readonly kind: CloneCredential['kind'];
  readonly fingerprint: string | null;
  readonly envelope: Uint8Array;
}

/** What {@link insertRepo} writes. */
export interface NewRepo extends RepoName {
  readonly id: string;
  readonly cloneUrl: string;
  readonly defaultBranch: string;
  readonly targets: readonly string[];
  readonly timeoutMs?: number | null | undefined;
  readonly queueTimeoutMs?: number | null | undefined;
  readonly buildLimit?: number | null | undefined;
  readonly credential: NewCredential | null;
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
       on conflict (lower(name)) do update set name = organisations.name returning id, name
     ), repo as (
       insert into repos (id, organisation_id, name, clone_url, default_branch, timeout_ms, build_limit,
         queue_timeout_ms, credential, credential_kind, credential_fingerprint)
       select $8, id, $2, $3, $4, coalesce($6::integer, 1800000), coalesce($7::integer, 10),
         coalesce($9::integer, 86400000), $10, $11, $12 from organisation
       on conflict (organisation_id, lower(name)) do nothing
       returning id, name, ${COLUMNS}
     ), project as (
       insert into projects (repo_id, name, path, targets)
       select repo.id, organisation.name || '/' || repo.name, '', $5::text[] from repo, organisation
     ), counter as (
       insert into job_numbers (repo_id) select id from repo
     )
     select repo.*, organisation.name as org from repo, organisation`,
    [
      repo.org,
      repo.name,
      repo.cloneUrl,
      repo.defaultBranch,
      repo.targets,
      repo.timeoutMs,
      repo.buildLimit,
      repo.id,
      repo.queueTimeoutMs,
      repo.credential?.envelope,
      repo.credential?.kind,
      repo.credential?.fingerprint,
    ],
  );
  return rows.map(recordOf)[0];
}

/** What {@link changeRepo} writes; what is undefined or null stays as it is. */
export interface RepoChange {
  readonly id: string;
  /** The version that the change was made for. */
  readonly version: number;
  readonly name?: string | null | undefined;
  readonly cloneUrl?: string | null | undefined;
  readonly defaultBranch?: string | null | undefined;
  readonly active?: boolean | null | undefined;
  readonly timeoutMs?: number | null | undefined;
  readonly queueTimeoutMs?: number | null | undefined;
  readonly buildLimit?: number | null | undefined;
  readonly credential: NewCredential | 'KEEP' | 'REMOVE';
}

/**
 * Changes a repo that still has the version; false, and nothing written, when somebody was faster. A root project has
 * the name of its repo and follows it, in the same statement.
 */
export async function changeRepo(db: Queryable, change: RepoChange): Promise<boolean> {
  const credential = typeof change.credential === 'string' ? null : change.credential;
  const { rowCount } = await db.query(
    `with before as (
       select repos.id, organisations.name as org, repos.name
       from repos join organisations on organisations.id = organisation_id where repos.id = $1
     ), changed as (
       update repos set name = coalesce($3, name), clone_url = coalesce($4, clone_url),
         default_branch = coalesce($5, default_branch), active = coalesce($6, active),
         timeout_ms = coalesce($7, timeout_ms), queue_timeout_ms = coalesce($8, queue_timeout_ms),
         build_limit = coalesce($9, build_limit),
         credential = case when $10 then credential else $11 end,
         credential_kind = case when $10 then credential_kind else $12 end,
         credential_fingerprint = case when $10 then credential_fingerprint else $13 end,
         version = version + 1, updated_at = slipway_now()
       where id = $1 and version = $2 returning id, name
     ), root_project as (
       update projects set name = before.org || '/' || changed.name, updated_at = slipway_now()
       from before, changed
       where projects.repo_id = changed.id and changed.name <> before.name
         and projects.name = before.org || '/' || before.name
     )
     select id from changed`,
    [
      change.id,
      change.version,
      change.name,
      change.cloneUrl,
      change.defaultBranch,
      change.active,
      change.timeoutMs,
      change.queueTimeoutMs,
      change.buildLimit,
      change.credential === 'KEEP',
      credential?.envelope,
      credential?.kind,
      credential?.fingerprint,
    ],
  );
  return rowCount === 1;
}

function recordOf(row: RepoRow): RepoRecord {
  const { id, org, name, active, version } = row;
  return {
    id,
    org,
    name,
    cloneUrl: row.clone_url,
    defaultBranch: row.default_branch,
    active,
    hasCredential: row.has_credential,
    version,
  };
}
