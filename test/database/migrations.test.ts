import assert from 'node:assert/strict';
import { migrations } from '../../migrations/index.js';
import { buildStates } from '../../src/builds/builds.state.js';
import { changeStates } from '../../src/changes/changes.state.js';
import type { Transitions } from '../../src/base/state-machine.js';
import { DomainError, ErrorCode } from '../../src/base/errors.js';
import { findFreePort } from '../../src/database/embedded/free-port.js';
import { migrate, pendingMigrations, revert } from '../../src/database/migrate.js';
import { groupProjectStates } from '../../src/groups/group-projects.state.js';
import { groupStates } from '../../src/groups/groups.state.js';
import { jobStates } from '../../src/jobs/jobs.state.js';
import { sessionStates } from '../../src/workers/worker-sessions.state.js';
import { testDatabase, type TestDatabase } from '../support/database.js';

describe('migrations', () => {
  const database = testDatabase({ empty: true });

  it('go up, down to nothing and up again to the same schema', async () => {
    const bare = await schemaOf(database);
    await migrate(database.url);
    const first = await schemaOf(database);
    await revert(database.url);
    assert.deepEqual(withoutLedger(await schemaOf(database)), bare);
    await migrate(database.url);
    assert.deepEqual(await schemaOf(database), first);
    assert.ok(first.length > 300, `only ${first.length} objects were compared`);
  });

  it('say which database cannot be used and why, and not its password', async () => {
    const port = await findFreePort();
    const attempt = pendingMigrations(`postgres://someone:hunter2@127.0.0.1:${port}/nowhere`);
    await assert.rejects(attempt, (error: unknown) => {
      assert.ok(error instanceof DomainError && error.code === ErrorCode.STORE_UNAVAILABLE);
      assert.match(error.message, /nowhere on 127\.0\.0\.1:\d+ cannot be used: .*ECONNREFUSED/);
      assert.doesNotMatch(error.message, /hunter2/);
      return true;
    });
  });

  it('run once when two servers start together', async () => {
    await revert(database.url);
    const reports = await Promise.all([migrate(database.url), migrate(database.url)]);
    assert.equal(reports.filter(({ applied }) => applied.length > 0).length, 1);
    assert.deepEqual(await pendingMigrations(database.url), []);
  });

  it('go down a single step and name it', async () => {
    await migrate(database.url);
    const { reverted } = await revert(database.url, 1);
    assert.deepEqual(reverted, [migrations.at(-1)?.name]);
    assert.deepEqual(await pendingMigrations(database.url), reverted);
  });
});

describe('transition guards', () => {
  const database = testDatabase();
  const machines: Record<string, [column: string, transitions: Transitions]> = {
    changes: ['state', changeStates.transitions],
    groups: ['state', groupStates.transitions],
    group_projects: ['state', groupProjectStates.transitions],
    jobs: ['state', jobStates.transitions],
    builds: ['status', buildStates.transitions],
    worker_sessions: ['state', sessionStates.transitions],
  };

  for (const [table, [column, transitions]] of Object.entries(machines)) {
    it(`of ${table} allow exactly what its state file allows`, async () => {
      const [guard] = await database.query<{ definition: string }>(
        `select pg_get_triggerdef(oid) as definition from pg_trigger where tgname = $1`,
        [`${table}_transition_guard`],
      );
      assert.ok(guard, `${table} has no guard`);
      assert.match(guard.definition, new RegExp(`UPDATE OF ${column} ON`));
      assert.deepEqual(pairsOf(guard.definition), pairsIn(transitions));
    });
  }
});

/** Catalogue rows of everything in the public schema, as sorted text. */
async function schemaOf(database: TestDatabase): Promise<string[]> {
  const rows = await database.query<{ line: string }>(`
    select format('column %s.%s %s %s %s', table_name, column_name, udt_name, is_nullable, column_default) as line
      from information_schema.columns where table_schema = 'public'
    union all select format('constraint %s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
      from pg_constraint where connamespace = 'public'::regnamespace
    union all select format('index %s', indexdef) from pg_indexes where schemaname = 'public'
    union all select format('trigger %s', pg_get_triggerdef(oid)) from pg_trigger where not tgisinternal
    union all select format('enum %s %s', enumtypid::regtype, string_agg(enumlabel, ',' order by enumsortorder))
      from pg_enum group by enumtypid
    union all select format('function %s %s', oid::regprocedure, prosrc) from pg_proc where pronamespace = 'public'::regnamespace
    union all select format('options %s %s', relname, reloptions) from pg_class where relnamespace = 'public'::regnamespace
      and reloptions is not null`);
  return rows.map(({ line }) => line).sort();
}

/** TypeORM's own table of applied migrations is made once and stays. */
function withoutLedger(lines: string[]): string[] {
  return lines.filter((line) => !line.includes('schema_migrations') && !line.includes('PK_'));
}

function pairsOf(definition: string): string[] {
  const pair = /\(old\.\w+\)::text = '([A-Z_]+)'::text\) AND \(\(new\.\w+\)::text = '([A-Z_]+)'/g;
  return [...definition.matchAll(pair)].map(([, from, to]) => `${from} → ${to}`).sort();
}

function pairsIn(transitions: Transitions): string[] {
  return Object.entries(transitions)
    .flatMap(([from, followers]) => followers.map((to) => `${from} → ${to}`))
    .sort();
}
