import type { Queryable } from '../../database/queryable.js';
import type { StoredObject } from '../../storage/index.js';
import type { ArchivedLog } from './archive-writer.js';
import type { BlockIndex } from './block.js';

/** Longer than any log takes; a log whose archiver died is taken up again after it. */
const CLAIM_MINUTES = 5;
/** Rows of the index in one statement. */
const BLOCKS_PER_INSERT = 100;

/** A sealed log on its way into the archive. */
export interface ClaimedLog {
  readonly buildId: string;
  readonly step: number;
  readonly missing: number;
  readonly objectKey: string;
}

/**
 * Takes the log that waits longest; undefined for none. The claim is a time and not a lock held: moving a large log may
 * last minutes, and a transaction of minutes slows down everybody. The key is written first, so that whatever becomes of
 * the archiver, its object is found.
 */
export async function claimLogToArchive(db: Queryable): Promise<ClaimedLog | undefined> {
  const { rows } = await db.query<ClaimedLog>(
    `update step_logs set archive_after = slipway_now() + interval '${CLAIM_MINUTES} minutes',
       object_key = 'logs/' || build_id || '/' || step || '.gz'
     where (build_id, step) = (
       select build_id, step from step_logs
       where sealed_at is not null and archived_at is null and removed_at is null and archive_after <= slipway_now()
       order by archive_after limit 1 for update skip locked)
     returning build_id as "buildId", step, missing::float8 as missing, object_key as "objectKey"`,
  );
  return rows[0];
}

/** Archivers of two steps of a build end one after the other: the later one sees that all steps are archived. */
export async function lockBuild(db: Queryable, buildId: string): Promise<void> {
  await db.query('select 1 from builds where id = $1 for no key update', [buildId]);
}

/** True when the log was archived by this call: it was neither archived nor removed meanwhile. */
export async function markArchived(
  db: Queryable,
  { buildId, step }: ClaimedLog,
  { log, object }: { readonly log: ArchivedLog; readonly object: StoredObject },
): Promise<boolean> {
  const { rowCount } = await db.query(
    `update step_logs set archived_at = slipway_now(), lines = $3, plain_bytes = $4, plain_sha256 = $5,
       stored_bytes = $6, stored_sha256 = $7
     where build_id = $1 and step = $2 and archived_at is null and removed_at is null`,
    [
      buildId,
      step,
      log.lines,
      log.plainBytes,
      log.plainSha256,
      object.bytes,
      Buffer.from(object.sha256, 'hex'),
    ],
  );
  return rowCount === 1;
}

/** True when the log was removed, or its row with it. */
export async function isRemoved(db: Queryable, { buildId, step }: ClaimedLog): Promise<boolean> {
  const { rows } = await db.query(
    'select 1 from step_logs where build_id = $1 and step = $2 and removed_at is null',
    [buildId, step],
  );
  return rows.length === 0;
}

/** Stores the index of an archived log. */
export async function insertBlocks(
  db: Queryable,
  { buildId, step }: ClaimedLog,
  blocks: readonly BlockIndex[],
): Promise<void> {
  for (let start = 0; start < blocks.length; start += BLOCKS_PER_INSERT) {
    const some = blocks.slice(start, start + BLOCKS_PER_INSERT);
    await db.query(
      `insert into log_blocks (build_id, step, last_seq, stored_start, stored_bytes, carry, pieces)
       select $1, $2, * from unnest($3::integer[], $4::bigint[], $5::integer[], $6::bytea[], $7::jsonb[])`,
      [
        buildId,
        step,
        some.map(({ lastSeq }) => lastSeq),
        some.map(({ storedStart }) => storedStart),
        some.map(({ storedBytes }) => storedBytes),
        some.map(({ carry }) => Buffer.from(carry)),
        some.map(({ pieces }) => JSON.stringify(pieces)),
      ],
    );
  }
}

/** Takes the chunks of a step's log away. */
export async function deleteChunks(
  db: Queryable,
  { buildId, step }: Pick<ClaimedLog, 'buildId' | 'step'>,
): Promise<void> {
  await db.query('delete from log_chunks where build_id = $1 and step = $2', [buildId, step]);
}

/** A build's log is archived when those of all its steps are; those that were removed count as such. */
export async function markBuildArchived(db: Queryable, buildId: string): Promise<void> {
  await db.query(
    `update builds set log_state = 'ARCHIVED', updated_at = slipway_now()
     where id = $1 and log_state = 'SEALED' and not exists (
       select 1 from step_logs s where s.build_id = $1 and s.archived_at is null and s.removed_at is null)`,
    [buildId],
  );
}

/** The object of a log that was archived lately; undefined when there is none. By the index of what is not removed. */
export async function findLatestObject(db: Queryable): Promise<string | undefined> {
  const { rows } = await db.query<{ key: string }>(
    `select object_key as key from step_logs
     where sealed_at is not null and removed_at is null and archived_at is not null
     order by sealed_at desc limit 1`,
  );
  return rows[0]?.key;
}

/** The block with the first piece after a number; undefined behind the end, or when the index is gone. */
export async function findBlock(
  db: Queryable,
  place: { readonly buildId: string; readonly step: number; readonly after: number },
): Promise<BlockIndex | undefined> {
  const { rows } = await db.query<BlockIndex>(
    `select last_seq as "lastSeq", stored_start::float8 as "storedStart", stored_bytes as "storedBytes", carry, pieces
     from log_blocks where build_id = $1 and step = $2 and last_seq > $3 order by last_seq limit 1`,
    [place.buildId, place.step, place.after],
  );
  return rows[0];
}
