import type { QueryResult, QueryResultRow } from 'pg';

/** Whatever runs SQL: a pool, a client, a transaction. Parameters only, never text put together from input. */
export interface Queryable {
  query<Row extends QueryResultRow>(text: string, values?: unknown[]): Promise<QueryResult<Row>>;
}
