import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Whether a job waits, in a column of its own for the indexes to ask for. With the state in their predicates every
 * change of a job's state wrote all of its index entries anew; now accept and finish touch no index of jobs at all.
 */
export class MarkWaitingJobs1795255200006 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `alter table jobs add column waiting boolean not null generated always as (state = 'PENDING') stored`,
    );
    await runner.query('drop index jobs_waiting, jobs_queue_deadline');
    await runner.query('create index jobs_waiting on jobs (lane_id, ready_at, id) where waiting');
    await runner.query('create index jobs_queue_deadline on jobs (queue_deadline) where waiting');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table jobs drop column waiting');
    await runner.query(`create index jobs_waiting on jobs (lane_id, ready_at, id) where state = 'PENDING'`);
    await runner.query(`create index jobs_queue_deadline on jobs (queue_deadline) where state = 'PENDING'`);
  }
}
