import { toStorable } from '../base/text.js';
import type { Queryable } from '../database/queryable.js';
import { serialiseFailure, type ChangeFailure } from './change-failure.js';
import type { NewChange } from './change-input.js';
import type { ChangeState } from './changes.state.js';

/** A change as operations give it back. */
export interface ChangeRecord extends NewChange {
  readonly id: string;
  readonly repoId: string;
  readonly state: ChangeState;
  /** The only target that it is built for; null: all of its projects'. */
  readonly target: string | null;
  /** The group that it builds once more; null when it is no rebuild. */
  readonly rebuiltGroupId: string | null;
}

interface ChangeRow {
  readonly id: string;
  readonly repo_id: string;
  readonly state: ChangeState;
  readonly event: string;
  readonly action: string | null;
  readonly ref: string | null;
  readonly branch: string | null;
  readonly base_commit: string | null;
  readonly commit_sha: string | null;
  readonly ruleset_target: string | null;
  readonly tag: string | null;
  readonly title: string | null;
  readonly sender: string | null;
  readonly comment: string | null;
  readonly paths: string[];
  readonly labels: string[];
  readonly projects: string[];
  readonly trusted: boolean;
  readonly priority: number;
  readonly idempotency_key: string | null;
  readonly target: string | null;
  readonly rebuilt_group_id: string | null;
}

const COLUMNS = `changes.id, repo_id, state, event, action, ref, branch, base_commit, commit_sha, ruleset_target, tag,
  title, sender, comment, paths, labels, projects, trusted, priority, idempotency_key, target, rebuilt_group_id`;

/** Writes a RECEIVED change; undefined, and nothing written, when the repo has one with that idempotency key. */
export async function insertChange(
  db: Queryable,
  repoId: string,
  change: NewChange,
): Promise<ChangeRecord | undefined> {
  const { rows } = await db.query<ChangeRow>(
    `insert into changes (repo_id, event, action, ref, branch, base_commit, commit_sha, ruleset_target, tag, title,
       sender, comment, paths, labels, projects, trusted, priority, idempotency_key)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
     on conflict (repo_id, idempotency_key) do nothing
     returning ${COLUMNS}`,
    [
      repoId,
      change.event,
      change.action,
      change.ref,
      change.branch,
      change.baseCommit,
      change.commit,
      change.rulesetTarget,
      change.tag,
      change.title,
      change.sender,
      change.comment,
      change.paths,
      change.labels,
      change.projects,
      change.trusted,
      change.priority,
      change.idempotencyKey,
    ],
  );
  return rows.map(recordOf)[0];
}

/** The change that a repo has under an idempotency key. */
export async function findChangeByKey(
  db: Queryable,
  repoId: string,
  idempotencyKey: string,
): Promise<ChangeRecord | undefined> {
  const { rows } = await db.query<ChangeRow>(
    `select ${COLUMNS} from changes where repo_id = $1 and idempotency_key = $2`,
    [repoId, idempotencyKey],
  );
  return rows.map(recordOf)[0];
}

function recordOf(row: ChangeRow): ChangeRecord {
  return {
    id: row.id,
    repoId: row.repo_id,
    state: row.state,
    event: row.event,
    action: row.action,
    ref: row.ref,
    branch: row.branch,
    baseCommit: row.base_commit,
    commit: row.commit_sha,
    rulesetTarget: row.ruleset_target,
    tag: row.tag,
    title: row.title,
    sender: row.sender,
    comment: row.comment,
    paths: row.paths,
    labels: row.labels,
    projects: row.projects,
    trusted: row.trusted,
    priority: row.priority,
    idempotencyKey: row.idempotency_key,
    target: row.target,
    rebuiltGroupId: row.rebuilt_group_id,
  };
}

/** A change that this caller is to resolve. `attempt` is the fence: whoever claims it later has a higher one. */
export interface ClaimedChange {
  readonly change: ChangeRecord;
  readonly attempt: number;
  readonly repo: {
    readonly id: string;
    readonly fullName: string;
    readonly cloneUrl: string;
    readonly defaultBranch: string;
    readonly active: boolean;
    readonly timeoutMs: number;
  };
}

interface ClaimRow extends ChangeRow {
  readonly attempts: number;
  readonly full_name: string;
  readonly clone_url: string;
  readonly default_branch: string;
  readonly active: boolean;
  readonly timeout_ms: number;
}

/**
 * Takes up to `limit` changes that are due, or whose resolver has gone silent, oldest first, for `leaseMs`. Rows that
 * another replica is just taking are skipped, so that two never get the same one. The clock is read in a sub-select:
 * compared directly, a volatile function cannot be an index condition, and every waiting change would be read.
 */
export async function claimChanges(
  db: Queryable,
  options: { readonly limit: number; readonly leaseMs: number },
): Promise<readonly ClaimedChange[]> {
  const { rows } = await db.query<ClaimRow>(
    `with received as materialized (
       select id from changes where state = 'RECEIVED' and not_before <= (select slipway_now())
       order by not_before, id limit $1 for update skip locked
     ), silent as materialized (
       select id from changes where state = 'RESOLVING' and lease_until <= (select slipway_now())
       order by lease_until, id limit $1 for update skip locked
     ), due as (
       select id from received union all select id from silent limit $1
     ), claimed as (
       update changes set state = 'RESOLVING', attempts = attempts + 1, reason = null, updated_at = slipway_now(),
         lease_until = slipway_now() + $2 * interval '1 millisecond'
       from due where changes.id = due.id returning changes.*
     )
     select ${COLUMNS.replace('changes.id', 'claimed.id')}, attempts, clone_url, default_branch, active, timeout_ms,
       organisations.name || '/' || repos.name as full_name
     from claimed join repos on repos.id = repo_id join organisations on organisations.id = organisation_id
     order by claimed.created_at, claimed.id`,
    [options.limit, options.leaseMs],
  );
  return rows.map(claimedOf);
}

function claimedOf(row: ClaimRow): ClaimedChange {
  return {
    change: recordOf(row),
    attempt: row.attempts,
    repo: {
      id: row.repo_id,
      fullName: row.full_name,
      cloneUrl: row.clone_url,
      defaultBranch: row.default_branch,
      active: row.active,
      timeoutMs: row.timeout_ms,
    },
  };
}

/** The claim that a write is for; see {@link ClaimedChange}. */
export interface ChangeClaim {
  readonly id: string;
  readonly attempt: number;
}

/** What became of a write: STALE when the change is no longer this claim's, and nothing was written. */
export type ChangeWrite = 'WRITTEN' | 'STALE';

/** Gives claims `leaseMs` more; those that still hold come back. */
export async function renewClaims(
  db: Queryable,
  claims: readonly ChangeClaim[],
  leaseMs: number,
): Promise<readonly ChangeClaim[]> {
  const { rows } = await db.query<ChangeClaim & { readonly id: string }>(
    `update changes set lease_until = slipway_now() + $3 * interval '1 millisecond'
     from unnest($1::uuid[], $2::integer[]) claim(id, attempt)
     where changes.id = claim.id and state = 'RESOLVING' and attempts = claim.attempt
     returning changes.id, claim.attempt`,
    [claims.map(({ id }) => id), claims.map(({ attempt }) => attempt), leaseMs],
  );
  return rows;
}

/** Notes what a change was resolved to. */
export async function noteResolution(
  db: Queryable,
  claim: ChangeClaim,
  resolved: { readonly commit: string; readonly ref: string | null; readonly branch: string | null },
): Promise<ChangeWrite> {
  return write(
    db,
    `update changes set commit_sha = $3, ref = $4, branch = $5, updated_at = slipway_now()
     where id = $1 and state = 'RESOLVING' and attempts = $2 returning id`,
    [claim.id, claim.attempt, resolved.commit, resolved.ref, resolved.branch],
  );
}

/** RESOLVING → SKIPPED. */
export async function skipChange(db: Queryable, claim: ChangeClaim, reason: string): Promise<ChangeWrite> {
  return write(
    db,
    `update changes set state = 'SKIPPED', reason = $3, lease_until = null,
       finished_at = slipway_now(), updated_at = slipway_now()
     where id = $1 and state = 'RESOLVING' and attempts = $2 returning id`,
    [claim.id, claim.attempt, toStorable(reason)],
  );
}

/** RESOLVING → FAILED. */
export async function failChange(
  db: Queryable,
  claim: ChangeClaim,
  failure: ChangeFailure,
): Promise<ChangeWrite> {
  return write(
    db,
    `update changes set state = 'FAILED', reason = null, error = $3::jsonb, lease_until = null,
       finished_at = slipway_now(), updated_at = slipway_now()
     where id = $1 and state = 'RESOLVING' and attempts = $2 returning id`,
    [claim.id, claim.attempt, serialiseFailure(failure)],
  );
}

/** RESOLVING → RECEIVED for whoever is next, for a resolver that is stopping. */
export async function giveBackChange(db: Queryable, claim: ChangeClaim): Promise<ChangeWrite> {
  return write(
    db,
    `update changes set state = 'RECEIVED', lease_until = null, not_before = slipway_now(), updated_at = slipway_now()
     where id = $1 and state = 'RESOLVING' and attempts = $2 returning id`,
    [claim.id, claim.attempt],
  );
}

/**
 * RESOLVING → RECEIVED for another try in `delayMs`, with `reason` for whoever asks why it takes so long; → FAILED with
 * the failure when the deadline of the change comes first. Decided by the database's clock in the statement that writes.
 */
export async function retryChange(
  db: Queryable,
  claim: ChangeClaim,
  retry: { readonly delayMs: number; readonly failure: ChangeFailure },
): Promise<ChangeWrite | 'EXPIRED'> {
  const { rows } = await db.query<{ state: ChangeState }>(
    `with clock as materialized (select slipway_now() as now, $3 * interval '1 millisecond' as delay)
     update changes set
       state = (case when deadline <= now + delay then 'FAILED' else 'RECEIVED' end)::change_state,
       finished_at = case when deadline <= now + delay then now end,
       error = case when deadline <= now + delay then $4::jsonb end,
       reason = case when deadline <= now + delay then null else $5 end,
       not_before = now + delay, lease_until = null, updated_at = now
     from clock where id = $1 and state = 'RESOLVING' and attempts = $2
     returning state`,
    [
      claim.id,
      claim.attempt,
      retry.delayMs,
      serialiseFailure(retry.failure),
      toStorable(`waiting for another try: ${retry.failure.message}`),
    ],
  );
  if (rows[0] === undefined) return 'STALE';
  return rows[0].state === 'FAILED' ? 'EXPIRED' : 'WRITTEN';
}

/** Silent RESOLVING → FAILED, for those past their deadline: a change that ends every resolver must end itself. */
export async function failSilentChanges(
  db: Queryable,
  options: { readonly limit: number; readonly failure: ChangeFailure },
): Promise<readonly { readonly id: string; readonly repoId: string }[]> {
  const { rows } = await db.query<{ id: string; repo_id: string }>(
    `with silent as materialized (
       select id from changes where state = 'RESOLVING' and lease_until <= (select slipway_now())
         and deadline <= (select slipway_now())
       order by lease_until, id limit $1 for update skip locked
     )
     update changes set state = 'FAILED', error = $2::jsonb, reason = null, lease_until = null,
       finished_at = slipway_now(), updated_at = slipway_now()
     from silent where changes.id = silent.id returning changes.id, repo_id`,
    [options.limit, serialiseFailure(options.failure)],
  );
  return rows.map(({ id, repo_id }) => ({ id, repoId: repo_id }));
}

async function write(db: Queryable, text: string, values: unknown[]): Promise<ChangeWrite> {
  const { rows } = await db.query<{ id: string }>(text, values);
  return rows.length === 1 ? 'WRITTEN' : 'STALE';
}
