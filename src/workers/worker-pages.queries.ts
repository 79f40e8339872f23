import type { PageKey, PageRequest } from '../database/page-key.js';
import type { Queryable } from '../database/queryable.js';
import type { WorkerStatus } from './workers.state.js';

/** A page of the workers that have not been revoked, by hostname; all of them or those of one status. */
export async function listWorkers(
  db: Queryable,
  page: PageRequest & { readonly status: WorkerStatus | undefined },
): Promise<readonly PageKey[]> {
  const { rows } = await db.query<{ id: string; hostname: string }>(
    `select id, hostname from workers
     where revoked_at is null and ($1::text is null or hostname > $1)
       and ($2::worker_status is null or status = $2)
     order by hostname limit $3`,
    [page.after?.[0] ?? null, page.status ?? null, page.limit],
  );
  return rows.map((row) => ({ id: row.id, sortedBy: [row.hostname] }));
}

/** Id of the worker with a hostname. */
export async function findWorkerId(db: Queryable, hostname: string): Promise<string | undefined> {
  const { rows } = await db.query<{ id: string }>('select id from workers where hostname = $1', [hostname]);
  return rows[0]?.id;
}
