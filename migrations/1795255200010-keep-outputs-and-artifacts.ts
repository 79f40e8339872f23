import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What builds leave behind: values that their steps wrote, and files. */
export class KeepOutputsAndArtifacts1795255200010 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table build_outputs (
        build_id uuid not null references builds on delete cascade,
        name text not null,
        value text not null,
        primary key (build_id, name)
      )`);
    // A row without stored_at is an upload that was announced: its id is what the upload is made under, once.
    await runner.query(`
      create table artifacts (
        id uuid primary key default gen_random_uuid(),
        build_id uuid not null references builds on delete cascade,
        step integer not null check (step >= 0),
        path text not null,
        bytes bigint not null check (bytes >= 0),
        sha256 bytea not null check (length(sha256) = 32),
        expires_at timestamptz not null,
        stored_at timestamptz,
        unique (build_id, step, path)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table artifacts, build_outputs');
  }
}
