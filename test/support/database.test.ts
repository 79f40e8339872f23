import assert from 'node:assert/strict';
import { runMocha } from './fixtures/run-mocha.js';
import { advance, testDatabase } from './database.js';

describe('testDatabase', () => {
  const one = testDatabase();
  const other = testDatabase();
  const empty = testDatabase({ empty: true });

  it('gives each suite a database of its own', async () => {
    await one.query('create table only_here as select $1::integer as number', [17]);
    assert.deepEqual(await one.query('select number from only_here'), [{ number: 17 }]);
    await assert.rejects(other.query('select from only_here'), { code: '42P01' });
  });

  it('moves the clock of one database, on and back', async () => {
    const offsetS =
      'select round(extract(epoch from slipway_now() - clock_timestamp()))::integer as offset_s';
    await advance(one, '61 seconds');
    assert.deepEqual(await one.query(offsetS), [{ offset_s: 61 }]);
    assert.deepEqual(await other.query(offsetS), [{ offset_s: 0 }]);
    await advance(one, '-61 seconds');
    assert.deepEqual(await one.query(offsetS), [{ offset_s: 0 }]);
  });

  it('has nothing in it when an empty one is asked for', async () => {
    assert.deepEqual(
      await empty.query("select relname from pg_class where relnamespace = 'public'::regnamespace"),
      [],
    );
  });

  it('fails a suite that leaves a connection open, by name', async function () {
    const run = await runMocha({ setup: '../../setup.js', file: './left-connected.js' });
    assert.notEqual((await run.exit).code, 0);
    assert.match(run.stdout, /left connected to slipway_test_.*"application_name":"forgotten"/);
  });
});
