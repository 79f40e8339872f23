import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { deferred } from '../../src/base/deferred.js';
import { secretEnvelopes } from '../../src/secrets/index.js';
import {
  loadServerKeys,
  masterKeysOf,
  rotateMasterKey,
  signingKeyEnvelopes,
} from '../../src/tokens/index.js';
import { tellOfMissingKeys } from '../../src/server-services.js';
import { giveSecret, pipelineAsking } from '../secrets/support.js';
import { testDatabase } from '../support/database.js';
import type { SimulatedAgent } from '../support/world/simulated-agent.js';
import { testWorld, type PlannedRepo, type Replica } from '../support/world/world.js';

const [oldRaw, newRaw] = [randomBytes(32), randomBytes(32)];
const oldOnly = masterKeysOf(oldRaw);
const oldFirst = masterKeysOf(oldRaw, [newRaw]);
const newFirst = masterKeysOf(newRaw, [oldRaw]);
const newOnly = masterKeysOf(newRaw);
const TABLES = [signingKeyEnvelopes, secretEnvelopes];

describe('a rotation of master keys', () => {
  const database = testDatabase();
  const world = testWorld(database);
  let repo: PlannedRepo;

  beforeEach(async () => {
    await database.query('truncate signing_keys, settings, replicas cascade');
    await loadServerKeys(database.pool, oldOnly);
    repo = await world.repo();
  });

  const rotate = (limit = 1_000) =>
    rotateMasterKey({ db: database.pool, masterKeys: newFirst, tables: TABLES }, limit);
  const set = (name: string, masterKeys = oldOnly, value = `value of ${name}`) =>
    giveSecret(database, { repo: repo.name, name, value, masterKeys });
  const asking = (name: string) =>
    pipelineAsking([{ name, type: 'repo', key: `${repo.name}/${name}` }], { asks: [name] });

  /** The value that a build on this replica gets. */
  async function valueOn(replica: Replica, agent: SimulatedAgent, name: string): Promise<string | undefined> {
    await world.admit(replica, repo, [{ pipeline: asking(name) }]);
    const { content } = await agent.runNext();
    return content.secrets[0]?.value;
  }

  it('brings everything under the current key, in pieces, and then has nothing to do', async () => {
    for (const name of ['a', 'b', 'c']) await set(name);
    await set('new', newFirst);
    const before = await database.query<{ version: number }>(
      'select version, updated_at from secrets order by id',
    );
    const steps = [await rotate(5), await rotate(2), await rotate(1_000), await rotate()];
    assert.deepEqual(
      steps.map(({ rewrapped, remaining }) => [rewrapped, remaining]),
      [
        [5, 3],
        [2, 1],
        [1, 0],
        [0, 0],
      ],
    );
    assert.deepEqual(steps.at(-1)?.uses, [
      { table: 'signing_keys', keyId: newOnly.current.keyId, envelopes: 5 },
      { table: 'secrets', keyId: newOnly.current.keyId, envelopes: 4 },
    ]);
    assert.deepEqual(await database.query('select version, updated_at from secrets order by id'), before);
    const replica = await world.replica({ masterKeys: newOnly });
    assert.equal(await valueOn(replica, await world.agent(replica), 'a'), 'value of a');
  });

  it('takes more rows than it reads at once', async () => {
    for (let count = 0; count < 230; count += 1) await set(`n${count}`);
    assert.equal((await rotate(150)).remaining, 85);
    assert.equal((await rotate()).remaining, 0);
  });

  it('loses nothing while secrets are set and builds read them on servers of both kinds', async () => {
    const replicas = [
      await world.replica({ masterKeys: oldFirst, sweepMs: 50 }),
      await world.replica({ masterKeys: newFirst, sweepMs: 50 }),
    ] as const;
    const agents = [await world.agent(replicas[0]), await world.agent(replicas[1])];
    const names = Array.from({ length: 30 }, (_, count) => `n${count}`);
    for (const name of names) await set(name, oldFirst, 'round 0');
    const [values, over] = [new Map<string, string | undefined>(), deferred<undefined>()];
    const changing = (async () => {
      for (let round = 1; values.size < names.length; round += 1)
        for (const name of names.slice(0, 5))
          await set(name, round % 2 ? oldFirst : newFirst, `round ${round}`);
    })();
    const building = agents.map(async (agent) => {
      for (;;) {
        const opened = await Promise.race([agent.nextPackage(), over.promise]);
        if (opened === undefined) return;
        await agent.accept(opened);
        await agent.finish(opened);
        const [secret] = opened.content.secrets;
        values.set(secret?.name ?? opened.buildId, secret?.value);
        if (values.size === names.length) over.resolve(undefined);
      }
    });
    const rotating = (async () => {
      while (values.size < names.length) await rotate(3);
    })();
    for (const [index, name] of names.entries())
      await world.admit(replicas[index % 2 ? 0 : 1], repo, [{ pipeline: asking(name) }]);
    await Promise.all([...building, changing, rotating]);
    assert.deepEqual([...values.keys()].sort(), names.toSorted());
    for (const [name, value] of values)
      assert.match(value ?? '', Number(name.slice(1)) < 5 ? /^round \d+$/ : /^round 0$/, name);
    assert.equal((await rotate()).remaining, 0);
    const after = await world.replica({ masterKeys: newOnly });
    await Promise.all(replicas.map(({ dispatch }) => dispatch.stop()));
    const agent = await world.agent(after);
    for (const name of ['n0', 'n29']) assert.match((await valueOn(after, agent, name)) ?? '', /^round \d+$/);
  });

  it('writes nothing over what was set while it wrapped', async () => {
    const id = await set('a', oldOnly, 'before');
    const [{ envelope } = { envelope: Buffer.of() }] = await database.query<{ envelope: Buffer }>(
      'select envelope from secrets where id = $1',
      [id],
    );
    await set('a', oldOnly, 'after');
    const stale = [{ id, before: envelope, after: Buffer.alloc(200) }];
    assert.equal(await secretEnvelopes.replace(database.pool, stale), 0);
    assert.equal((await rotate()).remaining, 0);
    const replica = await world.replica({ masterKeys: newOnly });
    assert.equal(await valueOn(replica, await world.agent(replica), 'a'), 'after');
  });

  it('tells of what cannot be read, and goes on with the rest', async () => {
    const [one, two] = [await set('one'), await set('two')];
    await set('three');
    await set('foreign', masterKeysOf(randomBytes(32)));
    await database.query(
      `update secrets s set envelope = o.envelope from secrets o where s.id = any($1) and o.id = any($1) and o.id <> s.id`,
      [[one, two]],
    );
    const { rewrapped, remaining, unreadable } = await rotate();
    assert.deepEqual([rewrapped, remaining], [6, 3]);
    const reasons = unreadable.map((reason) =>
      reason.replace(/^(?:the envelope of )?secrets repo \S+ (\w+) \S+/, '$1'),
    );
    assert.deepEqual(reasons.map((reason) => reason.replace(/[0-9a-f]{16}/g, 'KEY')).sort(), [
      'foreign is sealed by master key KEY, this server has KEY, KEY',
      'one was changed or is another one’s'.replace('’', "'"),
      'two was changed or is another one’s'.replace('’', "'"),
    ]);
  });

  it('leaves signing keys that the new key alone opens, the same as before', async () => {
    const { rootKey } = await loadServerKeys(database.pool, oldOnly);
    await rotate();
    assert.equal((await loadServerKeys(database.pool, newOnly)).rootKey, rootKey);
    await assert.rejects(loadServerKeys(database.pool, oldOnly), /this server has/);
  });

  it('that was ended too soon is told of at the start of a server', async () => {
    const lines: { keyId: string; table: string; envelopes: number; level: number }[] = [];
    const logger = pino({}, { write: (line) => void lines.push(JSON.parse(line) as (typeof lines)[number]) });
    await rotate();
    await tellOfMissingKeys(database.pool, { masterKeys: newOnly, logger });
    assert.deepEqual(lines, []);
    await set('late', oldOnly);
    await tellOfMissingKeys(database.pool, { masterKeys: newOnly, logger });
    assert.deepEqual(
      lines.map(({ level, keyId, table, envelopes }) => ({ level, keyId, table, envelopes })),
      [{ level: 50, keyId: oldOnly.current.keyId, table: 'secrets', envelopes: 1 }],
    );
  });

  it('waits until every running server can read the result', async () => {
    await set('a');
    const behind = await world.replica({ masterKeys: oldOnly, sweepMs: 20 });
    const ready = await world.replica({ masterKeys: newFirst, sweepMs: 20 });
    const agent = await world.agent(behind);
    await assert.rejects(rotate(), /1 running server\(s\) do not have master key [0-9a-f]{16}/);
    assert.equal(await valueOn(behind, agent, 'a'), 'value of a');
    await behind.dispatch.stop();
    await world.pass('61 seconds', [ready]);
    assert.equal((await rotate()).remaining, 0);
  });
});
