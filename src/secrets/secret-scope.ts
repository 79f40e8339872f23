/** Whose a secret is: one repo's, one organisation's, or shared by all of them. */
export const SecretScope = { REPO: 'repo', ORG: 'org', SHARED: 'shared' } as const;
export type SecretScope = (typeof SecretScope)[keyof typeof SecretScope];

/** Stands for the owner of shared secrets where a row needs an id; the same as in the table's generated column. */
export const NOBODY = '00000000-0000-0000-0000-000000000000';

/** What a secret's row is known by: enough to bind its envelope to it. */
export interface SecretIdentity {
  readonly id: string;
  readonly scope: SecretScope;
  /** Repo, organisation, or {@link NOBODY}. */
  readonly owner_id: string;
  readonly name: string;
}

/** What the envelope of a secret is bound to: in the row of any other secret it does not open. */
export function envelopeOwnerOf({ id, scope, owner_id, name }: SecretIdentity): readonly string[] {
  return ['secrets', scope, owner_id, name, id];
}
