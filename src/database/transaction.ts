import type { Pool } from 'pg';
import type { Queryable } from './queryable.js';

/** Runs `work` in a transaction on a connection of the pool; rolled back when it throws. Not for the hot path. */
export async function inTransaction<T>(pool: Pool, work: (db: Queryable) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let failure: Error | undefined;
  // While a client is out of the pool nobody listens to it: an error between two queries would end the process. The
  // next query fails with it.
  const ignore = (): void => undefined;
  client.on('error', ignore);
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    // A connection that cannot even roll back is thrown away with the error.
    failure = await client.query('rollback').then(
      () => undefined,
      (reason: unknown) => (reason instanceof Error ? reason : new Error(String(reason))),
    );
    throw error;
  } finally {
    client.release(failure);
    client.off('error', ignore);
  }
}
