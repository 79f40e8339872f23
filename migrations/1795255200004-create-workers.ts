import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createTransitionGuard } from '../src/database/transition-guard.js';

/** Who builds: pools, enrolments, workers, their sessions, and the replicas that hold them. */
export class CreateWorkers1795255200004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await createOnboarding(runner);
    await createRegistry(runner);
    await createSessions(runner);
    await createAccounts(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'drop table work_backoff, work_history, worker_sessions, replicas, workers, used_nonces, enrolments, pools',
    );
    await runner.query(
      'drop type work_history_event, work_process, session_state, worker_status, pool_trust',
    );
  }
}

async function createOnboarding(runner: QueryRunner): Promise<void> {
  await runner.query(`create type pool_trust as enum ('trusted_only', 'untrusted_too')`);
  await runner.query(`
    create table pools (
      id uuid primary key default gen_random_uuid(),
      name text not null unique,
      allow_repos text[] not null default '{*}',
      trust pool_trust not null default 'trusted_only',
      created_at timestamptz not null default now()
    )`);
  await runner.query(`
    create table enrolments (
      id uuid primary key default gen_random_uuid(),
      token_id text not null unique,
      hash bytea not null check (octet_length(hash) = 32),
      pool_id uuid not null references pools,
      targets text[] not null check (cardinality(targets) > 0),
      labels jsonb not null default '{}',
      build_limit integer not null check (build_limit > 0),
      hostname_pattern text not null default '*',
      max_uses integer not null default 1 check (max_uses > 0),
      uses integer not null default 0,
      expires_at timestamptz not null,
      revoked_at timestamptz,
      created_at timestamptz not null default now(),
      constraint enrolments_not_overused check (uses <= max_uses)
    )`);
  await runner.query(`
    create table used_nonces (
      nonce bytea primary key,
      expires_at timestamptz not null
    )`);
  await runner.query('create index used_nonces_expired on used_nonces (expires_at)');
}

async function createRegistry(runner: QueryRunner): Promise<void> {
  await runner.query(`
    create type worker_status as enum ('UNREGISTERED', 'AVAILABLE', 'BUSY', 'MAINTENANCE', 'ERROR')`);
  await runner.query(`
    create table workers (
      id uuid primary key default gen_random_uuid(),
      hostname text not null unique,
      address text,
      pool_id uuid not null references pools,
      targets text[] not null check (cardinality(targets) > 0),
      labels jsonb not null default '{}',
      status worker_status not null default 'UNREGISTERED',
      build_limit integer not null check (build_limit > 0),
      identity_key bytea not null check (octet_length(identity_key) = 32),
      key_thumbprint text not null unique,
      version text,
      maintenance_until timestamptz,
      maintenance_reason text,
      maintenance_by text,
      last_fault text,
      last_status_update_at timestamptz not null default slipway_now(),
      last_build_started_at timestamptz,
      last_build_finished_at timestamptz,
      last_checked_in_at timestamptz,
      revoked_at timestamptz,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now()
    ) with (fillfactor = 60)`);
}

async function createSessions(runner: QueryRunner): Promise<void> {
  await runner.query(`
    create table replicas (
      id uuid primary key,
      seen_at timestamptz not null,
      started_at timestamptz not null default now(),
      stopped_at timestamptz
    )`);
  await runner.query(`create type session_state as enum ('OPENING', 'READY', 'CLOSED')`);
  // No index on lease_until: renewing 10,000 leases every 10 s costs 2.5 ms of CPU a second without it, 35 ms with
  // it, and the reaper's scan of as many open sessions 0.9 ms.
  await runner.query(`
    create table worker_sessions (
      id uuid primary key default gen_random_uuid(),
      worker_id uuid not null references workers on delete cascade,
      epoch integer not null,
      replica_id uuid not null references replicas,
      boot_id text not null,
      state session_state not null default 'OPENING',
      accepts_work boolean not null default false,
      lease_until timestamptz not null,
      last_heartbeat_at timestamptz not null default slipway_now(),
      created_at timestamptz not null default now(),
      closed_at timestamptz,
      close_reason text,
      unique (worker_id, epoch),
      constraint worker_sessions_closed check ((state = 'CLOSED') = (closed_at is not null)),
      constraint worker_sessions_work check (not accepts_work or state = 'READY')
    ) with (fillfactor = 60)`);
  await runner.query(
    `create unique index worker_sessions_one_open on worker_sessions (worker_id) where state <> 'CLOSED'`,
  );
  await runner.query(
    `create index worker_sessions_open on worker_sessions (replica_id) where state <> 'CLOSED'`,
  );
  await runner.query(
    createTransitionGuard({
      table: 'worker_sessions',
      column: 'state',
      transitions: { OPENING: ['READY', 'CLOSED'], READY: ['CLOSED'] },
    }),
  );
}

async function createAccounts(runner: QueryRunner): Promise<void> {
  await runner.query(`create type work_process as enum ('CHALLENGE', 'DISPATCH', 'BUILD', '*')`);
  await runner.query(`
    create type work_history_event as enum ('Started', 'Finished', 'Failed', 'Canceled', 'Expired')`);
  // No foreign keys: history outlives what it speaks of.
  await runner.query(`
    create table work_history (
      id bigint generated always as identity primary key,
      worker_id uuid not null,
      hostname text not null,
      process work_process not null,
      event work_history_event not null,
      build_id uuid,
      session_id uuid,
      at timestamptz not null default slipway_now(),
      failed_cause text,
      constraint work_history_cause check ((event = 'Failed') = (failed_cause is not null))
    )`);
  await runner.query('create index work_history_by_worker on work_history (worker_id, id)');
  await runner.query(`
    create unique index work_history_one_start on work_history (build_id, process) where event = 'Started'`);
  await runner.query(`
    create unique index work_history_one_end on work_history (build_id, process) where event <> 'Started'`);

  await runner.query(`
    create table work_backoff (
      worker_id uuid not null references workers on delete cascade,
      process work_process not null,
      until timestamptz not null,
      cause text not null,
      last_interval_s integer not null check (last_interval_s > 0),
      failures integer not null check (failures > 0),
      created_at timestamptz not null default now(),
      primary key (worker_id, process)
    )`);
}
