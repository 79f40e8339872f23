import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Secrets of repos, of organisations, and those that all share, with the rules of who may have them. */
export class CreateSecrets1795255200007 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create type secret_scope as enum ('repo', 'org', 'shared')`);
    // owner_id makes one unique key of three scopes; key_id is read out of the envelope, so that the two cannot differ.
    await runner.query(`
      create table secrets (
        id uuid primary key,
        scope secret_scope not null,
        organisation_id uuid references organisations on delete cascade,
        repo_id uuid references repos on delete cascade,
        owner_id uuid not null generated always as
          (coalesce(repo_id, organisation_id, '00000000-0000-0000-0000-000000000000')) stored,
        name text not null,
        envelope bytea not null check (octet_length(envelope) > 69),
        key_id text not null generated always as (encode(substr(envelope, 2, 8), 'hex')) stored,
        allow_events text[] not null check (cardinality(allow_events) > 0),
        allow_images text[] not null,
        allow_commands boolean not null,
        allow_repos text[] not null,
        allow_refs text[] not null,
        version integer not null default 1 check (version > 0),
        created_by text not null,
        updated_by text not null,
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now(),
        unique (scope, owner_id, name),
        constraint secrets_owned check (
          (scope = 'repo') = (repo_id is not null) and (scope = 'org') = (organisation_id is not null))
      )`);
    await runner.query('create index secrets_by_repo on secrets (repo_id) where repo_id is not null');
    await runner.query(
      'create index secrets_by_organisation on secrets (organisation_id) where organisation_id is not null',
    );
    // A rotation waits for replicas that could not read what it writes.
    await runner.query(`alter table replicas add column master_key_ids text[] not null default '{}'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table replicas drop column master_key_ids');
    await runner.query('drop table secrets');
    await runner.query('drop type secret_scope');
  }
}
