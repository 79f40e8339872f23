import type { Queryable } from '../database/queryable.js';
import type { StepLog } from './step-log.js';

/** A step's log, with its object, which is nobody's business outside. */
export interface StepLogRow extends StepLog {
  readonly objectKey: string | null;
  readonly storedBytes: number | null;
}

/** The logs of a build's steps that have one, by number. */
export async function findStepLogs(db: Queryable, buildId: string): Promise<readonly StepLogRow[]> {
  const { rows } = await db.query<StepLogRow>(
    `select step, object_key as "objectKey", stored_bytes::float8 as "storedBytes", lines::float8 as lines,
       coalesce(plain_bytes, bytes)::float8 as bytes, encode(plain_sha256, 'hex') as sha256,
       coalesce(missing, 0)::integer as missing, capped_from is not null as "isCapped",
       case when removed_at is not null then 'REMOVED' when archived_at is not null then 'ARCHIVED'
         when sealed_at is not null then 'SEALED' else 'OPEN' end as state
     from step_logs where build_id = $1 order by step`,
    [buildId],
  );
  return rows;
}
