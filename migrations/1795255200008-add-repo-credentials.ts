import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a repo's clone shows to its git server, and names that differ in more than their case. */
export class AddRepoCredentials1795255200008 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // The envelope is opened only to clone; kind and fingerprint are what people may see of it.
    await runner.query(`
      alter table repos
        add column credential bytea check (octet_length(credential) < 131072),
        add column credential_kind text check (credential_kind in ('HTTPS_TOKEN', 'SSH_KEY')),
        add column credential_fingerprint text,
        add constraint repos_credential_whole check ((credential is null) = (credential_kind is null)),
        add constraint repos_credential_fingerprint
          check ((credential_fingerprint is not null) = (credential_kind is not distinct from 'SSH_KEY'))`);

    // People type names in any case, and the sites that host repositories take them so. Names that differ in their case
    // alone stop this migration: one of them has to get another name first.
    // They take the place of the constraints on the names as written: an insert settles a conflict on one index only,
    // and the other one would refuse the slower of two callers.
    await runner.query('alter table organisations drop constraint organisations_name_key');
    await runner.query('alter table repos drop constraint repos_organisation_id_name_key');
    await runner.query('alter table projects drop constraint projects_name_key');
    await runner.query('create unique index organisations_by_name on organisations (lower(name))');
    await runner.query('create unique index repos_by_name on repos (organisation_id, lower(name))');
    await runner.query('create unique index projects_by_name on projects (lower(name))');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index organisations_by_name, repos_by_name, projects_by_name');
    await runner.query('alter table organisations add constraint organisations_name_key unique (name)');
    await runner.query(
      'alter table repos add constraint repos_organisation_id_name_key unique (organisation_id, name)',
    );
    await runner.query('alter table projects add constraint projects_name_key unique (name)');
    await runner.query(`
      alter table repos
        drop constraint repos_credential_fingerprint,
        drop constraint repos_credential_whole,
        drop column credential,
        drop column credential_kind,
        drop column credential_fingerprint`);
  }
}
