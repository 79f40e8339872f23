import type { Queryable } from '../database/queryable.js';

/** For so long after it was announced an upload is taken. */
const UPLOAD_LIFE_MIN = 30;

/** A file as its agent describes it. */
export interface AnnouncedFile {
  readonly step: number;
  readonly path: string;
  readonly bytes: number;
  /** Hex digits. */
  readonly sha256: string;
}

/** What a build has announced so far, besides these paths. Locks the build, so that two announcements count each other. */
export async function lockAndCount(
  db: Queryable,
  buildId: string,
  besides: readonly AnnouncedFile[],
): Promise<{ files: number; bytes: number }> {
  await db.query('select id from builds where id = $1 for no key update', [buildId]);
  const { rows } = await db.query<{ files: number; bytes: number }>(
    `select count(*)::integer as files, coalesce(sum(a.bytes), 0)::double precision as bytes
     from artifacts a
     where a.build_id = $1 and not exists (
       select 1 from unnest($2::integer[], $3::text[]) f(step, path) where f.step = a.step and f.path = a.path)`,
    [buildId, besides.map(({ step }) => step), besides.map(({ path }) => path)],
  );
  return rows[0] ?? { files: 0, bytes: 0 };
}

/**
 * Notes files that are about to come; fenced by the build's lease like every report. An announcement that is repeated
 * gives the same id as long as its file has not come; one that is stored stays as it is.
 */
export async function announceFiles(
  db: Queryable,
  build: { readonly buildId: string; readonly workerId: string },
  files: readonly AnnouncedFile[],
): Promise<boolean> {
  const { rows } = await db.query<{ build_id: string }>(
    `with lease as materialized (
       select build_id from busy_workers where build_id = $1 and worker_id = $2 and accepted for key share
     ), announced as (
       insert into artifacts (build_id, step, path, bytes, sha256, expires_at)
       select lease.build_id, f.step, f.path, f.bytes, f.sha256,
         slipway_now() + ${UPLOAD_LIFE_MIN} * interval '1 minute'
       from lease, unnest($3::integer[], $4::text[], $5::bigint[], $6::bytea[]) f(step, path, bytes, sha256)
       on conflict (build_id, step, path) do update
         set bytes = excluded.bytes, sha256 = excluded.sha256, expires_at = excluded.expires_at
         where artifacts.stored_at is null
     )
     select build_id from lease`,
    [
      build.buildId,
      build.workerId,
      files.map(({ step }) => step),
      files.map(({ path }) => path),
      files.map(({ bytes }) => bytes),
      files.map(({ sha256 }) => Buffer.from(sha256, 'hex')),
    ],
  );
  return rows.length > 0;
}

/** The ids under which files of a build are uploaded, or were. */
export async function findAnnounced(
  db: Queryable,
  buildId: string,
  files: readonly AnnouncedFile[],
): Promise<{ id: string; step: number; path: string }[]> {
  const { rows } = await db.query<{ id: string; step: number; path: string }>(
    `select a.id, a.step, a.path from artifacts a
     join unnest($2::integer[], $3::text[], $4::bytea[]) f(step, path, sha256)
       on f.step = a.step and f.path = a.path and f.sha256 = a.sha256
     where a.build_id = $1`,
    [
      buildId,
      files.map(({ step }) => step),
      files.map(({ path }) => path),
      files.map(({ sha256 }) => Buffer.from(sha256, 'hex')),
    ],
  );
  return rows;
}

/** An upload with the key of the worker whose lease is live. */
export interface Upload {
  readonly id: string;
  readonly build_id: string;
  readonly path: string;
  readonly bytes: number;
  readonly sha256: Buffer;
  readonly is_stored: boolean;
  readonly identity_key: Buffer;
}

/** Nothing is found when the upload is over or the build's lease is gone. */
export async function findUpload(db: Queryable, id: string): Promise<Upload | undefined> {
  const { rows } = await db.query<Upload>(
    `select a.id, a.build_id, a.path, a.bytes::double precision as bytes, a.sha256,
       a.stored_at is not null as is_stored, w.identity_key
     from artifacts a
     join busy_workers l on l.build_id = a.build_id and l.accepted
     join workers w on w.id = l.worker_id
     where a.id = $1 and (a.stored_at is not null or a.expires_at > slipway_now())`,
    [id],
  );
  return rows[0];
}

/** The file is there; false when the build has lost its lease meanwhile. */
export async function markStored(db: Queryable, { id, sha256 }: Upload): Promise<boolean> {
  const { rows } = await db.query<{ id: string }>(
    `with lease as materialized (
       select l.build_id from busy_workers l join artifacts a on a.build_id = l.build_id
       where a.id = $1 and l.accepted for key share of l
     )
     update artifacts a set stored_at = coalesce(a.stored_at, slipway_now())
     from lease where a.id = $1 and a.sha256 = $2 and a.build_id = lease.build_id
     returning a.id`,
    [id, sha256],
  );
  return rows.length > 0;
}

/** A file that is there. */
export interface StoredArtifact {
  readonly id: string;
  readonly build_id: string;
  readonly path: string;
  readonly bytes: number;
  readonly sha256: Buffer;
}

/** An artifact whose file has come. */
export async function findStored(db: Queryable, id: string): Promise<StoredArtifact | undefined> {
  const { rows } = await db.query<StoredArtifact>(
    `select id, build_id, path, bytes::double precision as bytes, sha256 from artifacts
     where id = $1 and stored_at is not null`,
    [id],
  );
  return rows[0];
}
