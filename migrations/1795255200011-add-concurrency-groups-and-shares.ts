// -- breaking: claims of older servers order lanes by columns that are gone.
import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Limits and shares: concurrency groups, a lane for each of them, and the shares of organisations and repos, which were
 * a number of each lane before: a repo with many lanes had many shares.
 */
export class AddConcurrencyGroupsAndShares1795255200011 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await createConcurrencyGroups(runner);
    await createShares(runner);
    await runner.query(`
      alter table changes add column priority integer not null default 0 check (priority between -10 and 10)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table changes drop column priority');
    await runner.query('drop table shares');
    await runner.query('drop index lanes_waiting');
    // The lanes of concurrency groups have no place in the old key: their jobs go to the lane beside them.
    await runner.query(`
      insert into lanes (repo_id, target, requirements, trusted, priority)
      select distinct repo_id, target, requirements, trusted, priority from lanes where concurrency_group_id is not null
      on conflict do nothing`);
    for (const table of ['jobs', 'group_projects'])
      await runner.query(`
        update ${table} set lane_id = plain.id from lanes old, lanes plain
        where old.id = ${table}.lane_id and old.concurrency_group_id is not null and plain.concurrency_group_id is null
          and (plain.repo_id, plain.target, plain.requirements, plain.trusted, plain.priority)
            = (old.repo_id, old.target, old.requirements, old.trusted, old.priority)`);
    await runner.query('delete from lanes where concurrency_group_id is not null');
    await runner.query(`
      alter table lanes drop column concurrency_group_id, drop column rank_at,
        add column weight integer not null default 1 check (weight > 0),
        add column vtime double precision not null default 0,
        add unique (repo_id, target, requirements, trusted, priority)`);
    await runner.query(`
      create index lanes_waiting on lanes (target, priority desc, vtime, id) where ready_from is not null`);
    await runner.query(`
      update lanes set ready_from = (select min(ready_at) from jobs where lane_id = lanes.id and waiting)`);
    await runner.query('alter table busy_workers drop column concurrency_group_id');
    await runner.query('drop table concurrency_groups');
    await runner.query('drop type concurrency_strategy');
  }
}

async function createConcurrencyGroups(runner: QueryRunner): Promise<void> {
  await runner.query(
    `create type concurrency_strategy as enum ('queue', 'cancel_in_progress', 'cancel_queued_keep_newest')`,
  );
  // Trusted and other changes of the same key are apart: a fork's pipeline must not raise a limit or cancel a deployment.
  await runner.query(`
    create table concurrency_groups (
      id uuid primary key default gen_random_uuid(),
      repo_id uuid not null references repos on delete cascade,
      key text not null,
      trusted boolean not null,
      build_limit integer not null check (build_limit > 0),
      strategy concurrency_strategy not null,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default slipway_now(),
      unique (repo_id, key, trusted)
    )`);
  // Without a foreign key, like what else a lease copies from rows that live longer than it.
  await runner.query('alter table busy_workers add column concurrency_group_id uuid');
  await runner.query(`
    create index busy_workers_by_concurrency_group on busy_workers (concurrency_group_id)
    where concurrency_group_id is not null`);
}

async function createShares(runner: QueryRunner): Promise<void> {
  await runner.query('drop index lanes_waiting');
  await runner.query(`
    alter table lanes drop column vtime, drop column weight,
      add column concurrency_group_id uuid references concurrency_groups on delete cascade,
      add column rank_at timestamptz not null default '-infinity',
      drop constraint lanes_repo_id_target_requirements_trusted_priority_key`);
  // No group is one value here; `nulls not distinct` would ask for PostgreSQL 15.
  await runner.query(`
    create unique index lanes_one_of_key on lanes (repo_id, target, requirements, trusted, priority,
      coalesce(concurrency_group_id, '00000000-0000-0000-0000-000000000000'))`);
  // By repo, so that a claim steps from repo to repo and reads one lane of those that are at their limit.
  await runner.query(`
    create index lanes_waiting on lanes (target, repo_id, rank_at, id) where ready_from is not null`);
  await runner.query(`
    create index lanes_waiting_by_concurrency_group on lanes (concurrency_group_id)
    where ready_from is not null and concurrency_group_id is not null`);
  // What an organisation or a repo (both are owners) has had of the workers of a class. Rows are forgotten an hour
  // after the last start, which is why nothing refers to them and they refer to nothing.
  await runner.query(`
    create table shares (
      worker_class uuid not null,
      owner_id uuid not null,
      vtime double precision not null,
      updated_at timestamptz not null default slipway_now(),
      primary key (worker_class, owner_id)
    ) with (fillfactor = 60)`);
}
