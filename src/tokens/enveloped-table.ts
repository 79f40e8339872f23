import type { QueryResultRow } from 'pg';
import type { Queryable } from '../database/queryable.js';
import type { EnvelopeOwner } from './envelope.js';
import { countByKey, findOtherKeys, replaceEnvelopes } from './enveloped-table.queries.js';

/** Where a table keeps envelopes. Names are those of the schema: they become part of statements. */
export interface EnvelopedColumn<Row extends QueryResultRow> {
  readonly table: string;
  readonly column: string;
  /** What {@link EnvelopedColumn.ownerOf} needs, beside `id`. */
  readonly columns: readonly (string & keyof Row)[];
  /** The same that its rows are sealed and opened with. */
  ownerOf(row: Row & { readonly id: string }): EnvelopeOwner;
}

/** An envelope that is not under the current master key. */
export interface StaleEnvelope {
  readonly id: string;
  readonly envelope: Uint8Array;
  readonly owner: EnvelopeOwner;
}

/** The envelopes of one table, as a rotation of master keys sees them. */
export interface EnvelopedTable {
  readonly table: string;
  /** Envelopes under any other key, by id, after that of the last page. */
  findStale(
    db: Queryable,
    page: { readonly keyId: string; readonly after: string | null; readonly limit: number },
  ): Promise<readonly StaleEnvelope[]>;
  /** Replaces those that still are what they were; gives how many that was. */
  replace(
    db: Queryable,
    envelopes: readonly { readonly id: string; readonly before: Uint8Array; readonly after: Uint8Array }[],
  ): Promise<number>;
  /** How many envelopes there are, by the name of their key. */
  countByKey(db: Queryable): Promise<ReadonlyMap<string, number>>;
}

/** The envelopes of a column; its table has an `id` of type uuid. */
export function envelopedTable<Row extends QueryResultRow>(source: EnvelopedColumn<Row>): EnvelopedTable {
  return {
    table: source.table,
    findStale: async (db, page) => {
      const rows = await findOtherKeys<Row>(db, source, page);
      return rows.map((row) => ({ id: row.id, envelope: row.envelope_bytes, owner: source.ownerOf(row) }));
    },
    replace: (db, envelopes) => replaceEnvelopes(db, source, envelopes),
    countByKey: (db) => countByKey(db, source),
  };
}
