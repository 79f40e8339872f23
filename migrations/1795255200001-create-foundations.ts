import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The clock, the function behind transition guards, settings, keys and tokens. */
export class CreateFoundations1795255200001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Every deadline is judged by this clock. A test database replaces the function by one with an offset.
    await runner.query(`
      create function slipway_now() returns timestamptz language sql volatile parallel safe
      as $$ select clock_timestamp() $$`);

    await runner.query(`
      create function refuse_transition() returns trigger language plpgsql as $$
      begin
        raise exception 'transition of %.% from % to % is not allowed', tg_table_name, tg_argv[0],
          to_jsonb(old) ->> tg_argv[0], to_jsonb(new) ->> tg_argv[0] using errcode = 'P0001';
      end $$`);

    await runner.query(`
      create table settings (
        key text primary key,
        value jsonb not null,
        updated_at timestamptz not null default now()
      )`);

    await runner.query(`
      create table signing_keys (
        id uuid primary key default gen_random_uuid(),
        kid text not null unique,
        purpose text not null,
        public_key bytea not null,
        secret_enveloped bytea not null,
        not_after timestamptz not null,
        retired_at timestamptz,
        created_at timestamptz not null default now()
      )`);
    await runner.query(
      `create unique index signing_keys_one_current on signing_keys (purpose) where retired_at is null`,
    );

    await runner.query(`
      create table api_tokens (
        id uuid primary key default gen_random_uuid(),
        token_id text not null unique,
        name text not null,
        hash bytea not null check (octet_length(hash) = 32),
        scopes text[] not null,
        expires_at timestamptz not null,
        last_used_at timestamptz,
        revoked_at timestamptz,
        created_at timestamptz not null default now()
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table api_tokens, signing_keys, settings');
    await runner.query('drop function refuse_transition()');
    await runner.query('drop function slipway_now()');
  }
}
