import type { Queryable } from '../database/queryable.js';

/** The id of an organisation; undefined where there is none of that name. */
export async function findOrganisationId(db: Queryable, name: string): Promise<string | undefined> {
  const { rows } = await db.query<{ id: string }>('select id from organisations where name = $1', [name]);
  return rows[0]?.id;
}
