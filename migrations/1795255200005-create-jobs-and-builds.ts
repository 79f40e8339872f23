import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createTransitionGuard } from '../src/database/transition-guard.js';

/** The work itself: jobs, their builds, the leases that bind them to workers, steps and logs. */
export class CreateJobsAndBuilds1795255200005 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await createJobs(runner);
    await createBuilds(runner);
    await createLeases(runner);
    await createOutput(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table log_chunks, steps, busy_workers, builds, job_backoff, jobs');
    await runner.query('drop type step_status, log_state, build_status, job_state');
  }
}

async function createJobs(runner: QueryRunner): Promise<void> {
  await runner.query(`
    create type job_state as enum ('PENDING', 'PROCESSING', 'RUNNING', 'COMPLETE', 'FAILED', 'REJECTED',
      'CANCEL_PENDING', 'CANCEL_PROCESSING', 'CANCEL_COMPLETE')`);
  await runner.query(`
    create table jobs (
      id uuid primary key default gen_random_uuid(),
      repo_id uuid not null references repos on delete cascade,
      number integer not null,
      group_id uuid not null references groups on delete cascade,
      group_project_id uuid not null unique references group_projects on delete cascade,
      project_id uuid not null references projects on delete cascade,
      target text not null,
      lane_id uuid not null references lanes,
      state job_state not null default 'PENDING',
      spec_sha256 bytea not null references job_specs,
      vcs text not null default 'git' check (vcs = 'git'),
      vcs_url text not null,
      vcs_ref text,
      vcs_commit text not null,
      event change_event not null,
      branch text,
      ready_at timestamptz not null default slipway_now(),
      offers integer not null default 0,
      attempts integer not null default 0,
      max_attempts integer not null default 3 check (max_attempts > 0),
      refusals integer not null default 0,
      max_refusals integer not null default 20 check (max_refusals > 0),
      timeout_ms integer not null check (timeout_ms > 0),
      queue_deadline timestamptz not null,
      cancel_deadline timestamptz,
      failure_kind text,
      error text,
      queued_at timestamptz not null default slipway_now(),
      started_at timestamptz,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      finished_at timestamptz,
      unique (repo_id, number),
      constraint jobs_finished check (
        (state in ('COMPLETE', 'FAILED', 'REJECTED', 'CANCEL_COMPLETE')) = (finished_at is not null)),
      constraint jobs_canceling check (
        (state in ('CANCEL_PENDING', 'CANCEL_PROCESSING')) = (cancel_deadline is not null)),
      constraint jobs_attempts check (attempts <= max_attempts and attempts <= offers)
    ) with (fillfactor = 60)`);
  // What the claim reads: within a lane the oldest ready job first; delayed ones stand at the end.
  await runner.query(`create index jobs_waiting on jobs (lane_id, ready_at, id) where state = 'PENDING'`);
  await runner.query(`create index jobs_queue_deadline on jobs (queue_deadline) where state = 'PENDING'`);
  await runner.query(
    `create index jobs_cancel_deadline on jobs (cancel_deadline) where cancel_deadline is not null`,
  );
  await runner.query('create index jobs_newest on jobs (created_at desc, id desc)');
  await runner.query('create index jobs_by_group on jobs (group_id)');
  await runner.query(
    createTransitionGuard({
      table: 'jobs',
      column: 'state',
      transitions: {
        PENDING: ['PROCESSING', 'FAILED', 'CANCEL_COMPLETE'],
        PROCESSING: ['RUNNING', 'PENDING', 'REJECTED', 'CANCEL_PENDING'],
        RUNNING: ['COMPLETE', 'FAILED', 'PENDING', 'CANCEL_PENDING'],
        CANCEL_PENDING: ['CANCEL_PROCESSING', 'CANCEL_COMPLETE'],
        CANCEL_PROCESSING: ['CANCEL_COMPLETE'],
      },
    }),
  );

  await runner.query(`
    create table job_backoff (
      job_id uuid not null references jobs on delete cascade,
      process work_process not null,
      until timestamptz not null,
      cause text not null,
      last_interval_s integer not null check (last_interval_s > 0),
      failures integer not null check (failures > 0),
      created_at timestamptz not null default now(),
      primary key (job_id, process)
    )`);
}

async function createBuilds(runner: QueryRunner): Promise<void> {
  await runner.query(`
    create type build_status as enum ('OFFERED', 'RUNNING', 'SUCCESS', 'FAILURE', 'ERROR', 'KILLED', 'CANCELED', 'LOST',
      'REFUSED', 'UNACKNOWLEDGED', 'WITHDRAWN')`);
  await runner.query(`create type log_state as enum ('OPEN', 'DRAINING', 'SEALED', 'ARCHIVED')`);
  await runner.query(`
    create table builds (
      id uuid primary key default gen_random_uuid(),
      job_id uuid not null references jobs on delete cascade,
      offer integer not null,
      attempt integer not null,
      worker_id uuid not null references workers on delete cascade,
      session_id uuid not null references worker_sessions on delete cascade,
      slot integer not null,
      status build_status not null default 'OFFERED',
      exit_code integer,
      failure_kind text,
      error text,
      attempted_ident text,
      built_ident text,
      head_sha256 bytea,
      result_sha256 bytea,
      log_state log_state not null default 'OPEN',
      log_lengths jsonb,
      offered_at timestamptz not null default slipway_now(),
      accepted_at timestamptz,
      started_at timestamptz,
      hard_deadline timestamptz,
      finished_at timestamptz,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      unique (job_id, offer),
      constraint builds_finished check ((status in ('OFFERED', 'RUNNING')) = (finished_at is null)),
      constraint builds_bounded check (status <> 'RUNNING' or hard_deadline is not null)
    ) with (fillfactor = 60)`);
  await runner.query(`create index builds_draining on builds (finished_at) where log_state = 'DRAINING'`);
  await runner.query('create index builds_by_worker on builds (worker_id, offered_at desc)');
  await runner.query(
    createTransitionGuard({
      table: 'builds',
      column: 'status',
      transitions: {
        OFFERED: ['RUNNING', 'REFUSED', 'UNACKNOWLEDGED', 'WITHDRAWN', 'CANCELED'],
        RUNNING: ['SUCCESS', 'FAILURE', 'ERROR', 'KILLED', 'CANCELED', 'LOST'],
      },
    }),
  );
}

async function createLeases(runner: QueryRunner): Promise<void> {
  await runner.query(`
    create table busy_workers (
      worker_id uuid not null references workers,
      slot integer not null check (slot >= 0),
      build_id uuid not null unique references builds,
      job_id uuid not null unique references jobs,
      repo_id uuid not null references repos,
      session_id uuid not null references worker_sessions,
      target text not null,
      accepted boolean not null default false,
      hard_deadline timestamptz,
      quarantined boolean not null default false,
      created_at timestamptz not null default slipway_now(),
      primary key (worker_id, slot),
      constraint busy_workers_bounded check (not accepted or hard_deadline is not null)
    ) with (fillfactor = 60)`);
  await runner.query('create index busy_workers_by_session on busy_workers (session_id)');
  await runner.query('create index busy_workers_by_repo on busy_workers (repo_id)');
}

async function createOutput(runner: QueryRunner): Promise<void> {
  await runner.query(`
    create type step_status as enum ('PENDING', 'RUNNING', 'SUCCESS', 'FAILURE', 'ERROR', 'KILLED', 'CANCELED', 'SKIPPED')`);
  await runner.query(`
    create table steps (
      build_id uuid not null references builds on delete cascade,
      number integer not null check (number >= 0),
      name text not null,
      status step_status not null,
      exit_code integer,
      error text,
      started_at timestamptz,
      finished_at timestamptz,
      primary key (build_id, number)
    )`);
  // No foreign key: a chunk is fenced by the build's lease when it is written, and deleted in bulk.
  await runner.query(`
    create table log_chunks (
      build_id uuid not null,
      step integer not null check (step >= 0),
      seq integer not null check (seq >= 0),
      data bytea not null,
      at timestamptz not null default slipway_now(),
      primary key (build_id, step, seq)
    )`);
}
