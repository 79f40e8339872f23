import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createTransitionGuard } from '../src/database/transition-guard.js';

/** Why something is built (changes) and what is built for it (groups and their graphs). */
export class CreateChangesAndGroups1795255200003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await createChanges(runner);
    await createGroups(runner);
    await createGraph(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'drop table group_project_dependencies, group_projects, job_specs, lanes, change_groups, groups, changes',
    );
    await runner.query(
      'drop type group_project_state, group_scope, group_on_failure, group_state, change_state, change_event',
    );
  }
}

async function createChanges(runner: QueryRunner): Promise<void> {
  await runner.query(`
    create type change_event as enum ('push', 'pull_request', 'tag', 'deployment', 'comment', 'schedule', 'manual',
      'upload', 'api', 'delete', 'merge_group')`);
  await runner.query(`
    create type change_state as enum ('RECEIVED', 'RESOLVING', 'PLANNED', 'SKIPPED', 'FAILED', 'SUPERSEDED')`);
  await runner.query(`
    create table changes (
      id uuid primary key default gen_random_uuid(),
      repo_id uuid not null references repos on delete cascade,
      event change_event not null,
      action text,
      ref text,
      branch text,
      base_commit text,
      commit_sha text check (commit_sha ~ '^[0-9a-f]{40}([0-9a-f]{24})?$'),
      ruleset_target text,
      tag text,
      title text,
      sender text,
      comment text,
      paths text[] not null default '{}',
      labels text[] not null default '{}',
      projects text[] not null default '{}',
      trusted boolean not null default true,
      idempotency_key text,
      state change_state not null default 'RECEIVED',
      reason text,
      error jsonb,
      attempts integer not null default 0,
      not_before timestamptz not null default slipway_now(),
      lease_until timestamptz,
      deadline timestamptz not null default slipway_now() + interval '24 hours',
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      finished_at timestamptz,
      unique (repo_id, idempotency_key),
      constraint changes_finished check ((state in ('RECEIVED', 'RESOLVING')) = (finished_at is null)),
      constraint changes_leased check ((state = 'RESOLVING') = (lease_until is not null))
    )`);
  await runner.query(`create index changes_to_resolve on changes (not_before, id) where state = 'RECEIVED'`);
  await runner.query(`create index changes_resolving on changes (lease_until, id) where state = 'RESOLVING'`);
  await runner.query('create index changes_by_repo on changes (repo_id, created_at desc, id)');
  await runner.query(
    createTransitionGuard({
      table: 'changes',
      column: 'state',
      transitions: {
        RECEIVED: ['RESOLVING', 'FAILED'],
        RESOLVING: ['RECEIVED', 'PLANNED', 'SKIPPED', 'FAILED'],
        PLANNED: ['SUPERSEDED'],
      },
    }),
  );
}

async function createGroups(runner: QueryRunner): Promise<void> {
  await runner.query(`
    create type group_state as enum ('QUEUED', 'PENDING', 'DISPATCHING', 'COMPLETE', 'FAILED', 'CANCELED')`);
  await runner.query(`create type group_on_failure as enum ('continue', 'fail_fast')`);
  await runner.query(`create type group_scope as enum ('full', 'deps_only', 'package_only', 'origin_only')`);
  await runner.query(`
    create table groups (
      id uuid primary key default gen_random_uuid(),
      change_id uuid not null references changes on delete cascade,
      root_project_id uuid not null references projects on delete cascade,
      target text not null,
      state group_state not null,
      coalesce_key text,
      on_failure group_on_failure not null default 'continue',
      scope group_scope not null,
      channel text,
      cancel_requested_at timestamptz,
      node_count integer not null default 0,
      success_count integer not null default 0,
      failure_count integer not null default 0,
      skipped_count integer not null default 0,
      canceled_count integer not null default 0,
      reason text,
      rebuild_of uuid references groups on delete set null,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      finished_at timestamptz,
      constraint groups_finished check ((state in ('COMPLETE', 'FAILED', 'CANCELED')) = (finished_at is not null)),
      constraint groups_counted check (success_count + failure_count + skipped_count + canceled_count <= node_count)
    ) with (fillfactor = 60)`);
  // Coalescing is decided by these two: at most one active and one queued group per project, target and key.
  await runner.query(`
    create unique index groups_one_active on groups (root_project_id, target, coalesce_key)
    where coalesce_key is not null and state in ('PENDING', 'DISPATCHING')`);
  await runner.query(`
    create unique index groups_one_queued on groups (root_project_id, target, coalesce_key)
    where coalesce_key is not null and state = 'QUEUED'`);
  await runner.query('create index groups_by_change on groups (change_id)');
  await runner.query(
    createTransitionGuard({
      table: 'groups',
      column: 'state',
      transitions: {
        QUEUED: ['PENDING', 'CANCELED'],
        PENDING: ['DISPATCHING', 'COMPLETE', 'FAILED', 'CANCELED'],
        DISPATCHING: ['COMPLETE', 'FAILED', 'CANCELED'],
      },
    }),
  );

  await runner.query(`
    create table change_groups (
      change_id uuid not null references changes on delete cascade,
      group_id uuid not null references groups on delete cascade,
      superseded_by uuid references changes on delete set null,
      primary key (change_id, group_id)
    )`);
  await runner.query('create index change_groups_by_group on change_groups (group_id)');
}

async function createGraph(runner: QueryRunner): Promise<void> {
  // ready_from: the earliest time at which a pending job of the lane may be ready; null = nothing waits. Claims read
  // no lane whose ready_from lies ahead, so their cost does not grow with the lanes that exist.
  await runner.query(`
    create table lanes (
      id uuid primary key default gen_random_uuid(),
      repo_id uuid not null references repos on delete cascade,
      target text not null,
      requirements jsonb not null default '{}',
      trusted boolean not null,
      priority integer not null default 0,
      weight integer not null default 1 check (weight > 0),
      ready_from timestamptz,
      vtime double precision not null default 0,
      created_at timestamptz not null default now(),
      unique (repo_id, target, requirements, trusted, priority)
    ) with (fillfactor = 60)`);
  await runner.query(`
    create index lanes_waiting on lanes (target, priority desc, vtime, id) where ready_from is not null`);

  // Content-addressed, so that a thousand builds of one pipeline file share one row.
  await runner.query(`
    create table job_specs (
      sha256 bytea primary key check (octet_length(sha256) = 32),
      body text not null,
      created_at timestamptz not null default now()
    )`);

  await runner.query(`
    create type group_project_state as enum ('NOT_STARTED', 'IN_PROGRESS', 'SUCCESS', 'FAILURE', 'SKIPPED', 'CANCELED')`);
  await runner.query(`
    create table group_projects (
      id uuid primary key default gen_random_uuid(),
      group_id uuid not null references groups on delete cascade,
      project_id uuid not null references projects on delete cascade,
      target text not null,
      state group_project_state not null default 'NOT_STARTED',
      waiting_on integer not null default 0 check (waiting_on >= 0),
      lane_id uuid not null references lanes,
      spec_sha256 bytea not null references job_specs,
      timeout_ms integer not null,
      vcs_url text not null,
      vcs_ref text,
      vcs_commit text not null,
      branch text,
      prior_ident text,
      built_ident text,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      unique (group_id, id),
      unique (group_id, project_id, target),
      constraint group_projects_ident check (built_ident is null or state = 'SUCCESS')
    ) with (fillfactor = 60)`);
  await runner.query(
    createTransitionGuard({
      table: 'group_projects',
      column: 'state',
      transitions: {
        NOT_STARTED: ['IN_PROGRESS', 'SKIPPED', 'CANCELED'],
        IN_PROGRESS: ['SUCCESS', 'FAILURE', 'CANCELED'],
      },
    }),
  );

  await runner.query(`
    create table group_project_dependencies (
      group_id uuid not null,
      node_id uuid not null,
      depends_on_id uuid not null,
      primary key (node_id, depends_on_id),
      foreign key (group_id, node_id) references group_projects (group_id, id) on delete cascade,
      foreign key (group_id, depends_on_id) references group_projects (group_id, id) on delete cascade,
      check (node_id <> depends_on_id)
    )`);
  await runner.query(
    'create index group_project_dependents on group_project_dependencies (depends_on_id, node_id)',
  );
}
