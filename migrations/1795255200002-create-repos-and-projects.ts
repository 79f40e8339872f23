import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What can be built: organisations, their repos, the projects in them and what these depend on. */
export class CreateReposAndProjects1795255200002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table organisations (
        id uuid primary key default gen_random_uuid(),
        name text not null unique,
        weight integer not null default 1 check (weight > 0),
        created_at timestamptz not null default now()
      )`);

    await runner.query(`
      create table repos (
        id uuid primary key default gen_random_uuid(),
        organisation_id uuid not null references organisations,
        name text not null,
        weight integer not null default 1 check (weight > 0),
        clone_url text not null,
        default_branch text not null,
        visibility text not null default 'private' check (visibility in ('private', 'internal', 'public')),
        active boolean not null default true,
        build_limit integer not null default 10 check (build_limit > 0),
        timeout_ms integer not null default 1800000 check (timeout_ms > 0),
        queue_timeout_ms integer not null default 86400000 check (queue_timeout_ms > 0),
        version integer not null default 1,
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now(),
        unique (organisation_id, name)
      )`);

    // Apart from repos, because a claim locks the repo's row to judge its build limit: numbering must not wait for it.
    await runner.query(`
      create table job_numbers (
        repo_id uuid primary key references repos on delete cascade,
        last_number integer not null default 0
      )`);

    await runner.query(`
      create table projects (
        id uuid primary key default gen_random_uuid(),
        repo_id uuid not null references repos on delete cascade,
        name text not null unique,
        path text not null default '',
        targets text[] not null check (cardinality(targets) > 0),
        trigger_paths text[] not null default '{}',
        auto_build boolean not null default true,
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now()
      )`);
    await runner.query('create index projects_by_repo on projects (repo_id)');

    await runner.query(`create type dependency_kind as enum ('runtime', 'build')`);
    await runner.query(`
      create table project_dependencies (
        project_id uuid not null references projects on delete cascade,
        target text not null,
        depends_on_id uuid not null references projects on delete cascade,
        kind dependency_kind not null,
        primary key (project_id, target, depends_on_id, kind),
        check (project_id <> depends_on_id)
      )`);
    await runner.query(
      'create index project_dependencies_by_dependency on project_dependencies (depends_on_id, target)',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table project_dependencies, projects, job_numbers, repos, organisations');
    await runner.query('drop type dependency_kind');
  }
}
