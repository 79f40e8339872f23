import type { Transaction } from '../database/hot-connection.js';
import { statement } from '../database/statement.js';
import { NOBODY, type SecretIdentity } from './secret-scope.js';
import type { WantedSecret } from './wanted-secrets.js';

/** What the rules look at, of the build that asks. */
export interface OriginColumns {
  /** Place in the list that was asked for. */
  readonly position: number;
  readonly event: string;
  readonly action: string | null;
  readonly ref: string | null;
  readonly trusted: boolean;
  readonly repo: string;
  readonly default_branch: string;
}

/** A secret and its rules. */
export interface SecretColumns extends SecretIdentity {
  readonly envelope: Buffer;
  readonly allow_events: readonly string[];
  readonly allow_images: readonly string[];
  readonly allow_commands: boolean;
  readonly allow_repos: readonly string[];
  readonly allow_refs: readonly string[];
}

/** A secret that a build asks for, as it is now; `id` is null where there is none. */
export type WantedRow = OriginColumns & (SecretColumns | { readonly id: null });

/**
 * One query for all that a claim's builds ask for, with the facts that rules look at: only builds with secrets read
 * them, so that the claim itself need not carry them for all the others. The change says the event and the lane whether
 * it is trusted; neither ever changes for a job.
 */
const wantedSecrets = statement<WantedRow>(`
  select w.position::integer, j.event, c.action, j.vcs_ref as ref, l.trusted, o.name || '/' || r.name as repo,
    r.default_branch, s.id, s.scope, s.owner_id, s.name, s.envelope, s.allow_events, s.allow_images, s.allow_commands,
    s.allow_repos, s.allow_refs
  from unnest($1::uuid[], $2::secret_scope[], $3::text[]) with ordinality w(build_id, scope, name, position)
  join builds b on b.id = w.build_id
  join jobs j on j.id = b.job_id
  join groups g on g.id = j.group_id
  join changes c on c.id = g.change_id
  join lanes l on l.id = j.lane_id
  join repos r on r.id = j.repo_id
  join organisations o on o.id = r.organisation_id
  left join secrets s on s.scope = w.scope and s.name = w.name
    and s.owner_id = case w.scope when 'repo' then r.id when 'org' then r.organisation_id else '${NOBODY}' end`);

/** Reads what builds ask for, with what their changes say of themselves; positions count from 1. */
export function findWantedSecrets(
  transaction: Transaction,
  wanted: readonly { readonly buildId: string; readonly secret: WantedSecret }[],
): Promise<WantedRow[]> {
  return transaction.run(wantedSecrets, [
    wanted.map(({ buildId }) => buildId),
    wanted.map(({ secret }) => secret.scope),
    wanted.map(({ secret }) => secret.secretName),
  ]);
}
