import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A rebuild is a change like any other. It knows what it repeats (for people) and the one target that is meant; its
 * group names the group in `groups.rebuild_of`, which was there from the beginning.
 */
export class RecordRebuilds1795255200012 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table changes
        add column rebuild_of uuid references changes on delete set null,
        add column rebuilt_group_id uuid references groups on delete set null,
        add column target text`);
    // For the foreign keys: without them the end of one repo looks at every change and group of all others.
    await runner.query(
      'create index changes_by_rebuild_of on changes (rebuild_of) where rebuild_of is not null',
    );
    await runner.query(
      'create index changes_by_rebuilt_group on changes (rebuilt_group_id) where rebuilt_group_id is not null',
    );
    await runner.query(
      'create index groups_by_rebuild_of on groups (rebuild_of) where rebuild_of is not null',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index groups_by_rebuild_of');
    await runner.query(
      'alter table changes drop column rebuild_of, drop column rebuilt_group_id, drop column target',
    );
  }
}
