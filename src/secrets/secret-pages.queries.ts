import type { PageKey, PageRequest } from '../database/page-key.js';
import type { Queryable } from '../database/queryable.js';
import type { SecretOwner } from './secret-owner.js';

/** A page of the secrets of one owner, by name. */
export async function listSecrets(
  db: Queryable,
  { scope, ownerId }: SecretOwner,
  page: PageRequest,
): Promise<readonly PageKey[]> {
  const { rows } = await db.query<{ id: string; name: string }>(
    `select id, name from secrets
     where scope = $1 and owner_id = $2 and ($3::text is null or name > $3)
     order by name limit $4`,
    [scope, ownerId, page.after?.[0] ?? null, page.limit],
  );
  return rows.map(({ id, name }) => ({ id, sortedBy: [name] }));
}
