// breaking: an older server beside this one would store chunks without counting them.
import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What is known of a step's log as a whole: how much of it is stored, where the server has cut it off, what never came,
 * where its archive is. It outlives the log's bytes, and the build: without a foreign key, so that the archived object
 * of a build that was deleted is still found and removed.
 */
export class KeepWholeLogs1795255200009 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await createStepLogs(runner);
    await countStoredLogs(runner);
    await createBlocks(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table log_blocks, step_logs');
  }
}

async function createStepLogs(runner: QueryRunner): Promise<void> {
  await runner.query(`
    create table step_logs (
      build_id uuid not null,
      step integer not null check (step >= 0),
      chunks integer not null default 0,
      bytes bigint not null default 0,
      max_seq integer not null default -1,
      capped_from integer,
      last_seq integer,
      missing bigint,
      sealed_at timestamptz,
      archive_after timestamptz,
      archived_at timestamptz,
      object_key text,
      lines bigint,
      plain_bytes bigint,
      plain_sha256 bytea,
      stored_bytes bigint,
      stored_sha256 bytea,
      removed_at timestamptz,
      primary key (build_id, step),
      constraint step_logs_sealed check ((sealed_at is null) = (last_seq is null) and (sealed_at is null) = (missing is null)),
      constraint step_logs_moved_once_sealed check (sealed_at is not null or (archived_at is null and removed_at is null)),
      constraint step_logs_archived check (archived_at is null or (lines is not null and plain_bytes is not null
        and plain_sha256 is not null and stored_bytes is not null and stored_sha256 is not null))
    ) with (fillfactor = 60)`);
  await runner.query(`
    create index step_logs_to_archive on step_logs (archive_after)
    where sealed_at is not null and archived_at is null and removed_at is null`);
  await runner.query(`
    create index step_logs_by_age on step_logs (sealed_at) where sealed_at is not null and removed_at is null`);
  await runner.query(`
    create index step_logs_with_remains on step_logs (removed_at) where removed_at is not null and object_key is not null`);
}

/** Logs of versions that did not count, as if they had been counted. */
async function countStoredLogs(runner: QueryRunner): Promise<void> {
  await runner.query(`
    insert into step_logs (build_id, step, chunks, bytes, max_seq, last_seq, missing, sealed_at, archive_after)
    select c.build_id, c.step, count(*), sum(octet_length(c.data)), max(c.seq),
      case when b.log_state = 'SEALED' then max(c.seq) end,
      case when b.log_state = 'SEALED' then max(c.seq) + 1 - count(*) end,
      case when b.log_state = 'SEALED' then coalesce(b.finished_at, slipway_now()) end,
      case when b.log_state = 'SEALED' then slipway_now() end
    from log_chunks c join builds b on b.id = c.build_id
    group by c.build_id, c.step, b.log_state, b.finished_at`);
}

/** Where in an archived log its pieces are: an object is a gzip member for each block. */
async function createBlocks(runner: QueryRunner): Promise<void> {
  await runner.query(`
    create table log_blocks (
      build_id uuid not null,
      step integer not null,
      last_seq integer not null,
      stored_start bigint not null,
      stored_bytes integer not null,
      carry bytea not null,
      pieces jsonb not null,
      primary key (build_id, step, last_seq),
      foreign key (build_id, step) references step_logs on delete cascade
    )`);
}
