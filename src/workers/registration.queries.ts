import type { Queryable } from '../database/queryable.js';
import type { Enrolled } from '../tokens/index.js';

/** A worker as its registration is answered. */
export interface Registration {
  readonly id: string;
  readonly hostname: string;
  readonly targets: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly build_limit: number;
  readonly revoked: boolean;
}

const COLUMNS = 'id, hostname, targets, labels, build_limit, revoked_at is not null as revoked';

/** The worker that owns an identity key. */
export async function findRegistration(
  db: Queryable,
  keyThumbprint: string,
): Promise<Registration | undefined> {
  const { rows } = await db.query<Registration>(`select ${COLUMNS} from workers where key_thumbprint = $1`, [
    keyThumbprint,
  ]);
  return rows[0];
}

/** Inserts a worker; undefined when its host name or its key is taken. */
export async function insertWorker(
  db: Queryable,
  worker: Enrolled & { readonly identityKey: string; readonly thumbprint: string },
): Promise<Registration | undefined> {
  const { rows } = await db.query<Registration>(
    `insert into workers (hostname, pool_id, targets, labels, build_limit, identity_key, key_thumbprint)
     values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing returning ${COLUMNS}`,
    [
      worker.hostname,
      worker.poolId,
      worker.targets,
      worker.labels,
      worker.buildLimit,
      Buffer.from(worker.identityKey, 'base64url'),
      worker.thumbprint,
    ],
  );
  return rows[0];
}

/** Makes the pool that enrolments use unless they name another one. */
export async function ensureDefaultPool(db: Queryable): Promise<void> {
  await db.query(`insert into pools (name) values ('default') on conflict do nothing`);
}

/** An administrator's limit for a worker; builds that run above it go on. False when there is no such worker. */
export async function setBuildLimit(db: Queryable, workerId: string, buildLimit: number): Promise<boolean> {
  const { rowCount } = await db.query(
    'update workers set build_limit = $2, updated_at = slipway_now() where id = $1',
    [workerId, buildLimit],
  );
  return rowCount === 1;
}
