import type { ClientBase } from 'pg';
import type { TestDatabase } from './database.js';

/**
 * Replaces the `slipway_now()` of the migrations, if there is one, by one that a test can move. Production's has the
 * same signature and no offset.
 */
export async function installTestClock(client: ClientBase): Promise<void> {
  await client.query(`
    create table public.test_clock (
      only_row boolean primary key default true check (only_row),
      offset_interval interval not null
    );
    insert into public.test_clock (offset_interval) values ('0');
    create or replace function public.slipway_now() returns timestamptz language sql volatile as
      $$ select clock_timestamp() + (select offset_interval from public.test_clock) $$`);
}

/**
 * Moves the database's clock on (or, with a negative interval, back) for everybody who uses this test database.
 * @example
 * await advance(database, '61 seconds');
 */
export async function advance(database: TestDatabase, interval: string): Promise<void> {
  await database.query('update public.test_clock set offset_interval = offset_interval + $1::interval', [
    interval,
  ]);
}
