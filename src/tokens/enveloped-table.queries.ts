import type { QueryResultRow } from 'pg';
import type { Queryable } from '../database/queryable.js';

/** Names of the schema, never of a caller: they are put into the text of statements. */
interface Source {
  readonly table: string;
  readonly column: string;
  readonly columns: readonly string[];
}

/** The name of the master key stands in the second to ninth byte of an envelope. */
function keyIdOf(column: string): string {
  return `encode(substr(${column}, 2, 8), 'hex')`;
}

/** A row with an envelope. */
export type EnvelopedRow<Row> = Row & { readonly id: string; readonly envelope_bytes: Buffer };

/** Rows whose envelope another key than `keyId` has sealed, by id: a page ends where the next one begins. */
export async function findOtherKeys<Row extends QueryResultRow>(
  db: Queryable,
  { table, column, columns }: Source,
  page: { readonly keyId: string; readonly after: string | null; readonly limit: number },
): Promise<readonly EnvelopedRow<Row>[]> {
  const { rows } = await db.query<EnvelopedRow<Row>>(
    `select id, ${column} as envelope_bytes${columns.map((name) => `, ${name}`).join('')} from ${table}
     where ${keyIdOf(column)} <> $1 and ($2::uuid is null or id > $2::uuid) order by id limit $3`,
    [page.keyId, page.after, page.limit],
  );
  return rows;
}

/**
 * Compare-and-set on the bytes: what was sealed anew meanwhile stays as it is. Locks in order of id in a query level of
 * its own, since a claim locks rows of repos by that order too.
 */
export async function replaceEnvelopes(
  db: Queryable,
  { table, column }: Source,
  envelopes: readonly { readonly id: string; readonly before: Uint8Array; readonly after: Uint8Array }[],
): Promise<number> {
  const { rowCount } = await db.query(
    `with wanted as materialized (
       select * from unnest($1::uuid[], $2::bytea[], $3::bytea[]) w(id, before, after)
     ), locked as materialized (
       select id from ${table} where id in (select id from wanted) order by id for no key update
     )
     update ${table} t set ${column} = w.after from wanted w join locked using (id)
     where t.id = w.id and t.${column} = w.before`,
    [
      envelopes.map(({ id }) => id),
      envelopes.map(({ before }) => before),
      envelopes.map(({ after }) => after),
    ],
  );
  return rowCount ?? 0;
}

/** How many envelopes of a table there are, by the name of their master key. */
export async function countByKey(
  db: Queryable,
  { table, column }: Source,
): Promise<ReadonlyMap<string, number>> {
  const { rows } = await db.query<{ key_id: string; count: number }>(
    `select ${keyIdOf(column)} as key_id, count(*)::integer as count from ${table}
     where ${column} is not null group by 1 order by 1`,
  );
  return new Map(rows.map(({ key_id, count }) => [key_id, count]));
}

/** Servers that live, as far as is known, and were not given this master key; one that is silent for a minute is not. */
export async function countServersWithout(db: Queryable, keyId: string): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    `select count(*)::integer as count from replicas
     where seen_at > slipway_now() - interval '1 minute' and not ($1 = any(master_key_ids))`,
    [keyId],
  );
  return rows[0]?.count ?? 0;
}
