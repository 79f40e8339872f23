import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { CompiledSecret } from '../../src/pipeline/index.js';
import { masterKeysOf } from '../../src/tokens/index.js';
import { giveSecret, pipelineAsking } from '../secrets/support.js';
import { testDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { buildStatuses, groupState, jobOf } from '../support/world/rows.js';
import type { SimulatedAgent } from '../support/world/simulated-agent.js';
import {
  testWorld,
  type NodeWish,
  type PlannedRepo,
  type PlanWish,
  type Replica,
} from '../support/world/world.js';

describe('secrets in packages', () => {
  const database = testDatabase();
  const world = testWorld(database);
  let replica: Replica;
  let agent: SimulatedAgent;
  let repo: PlannedRepo;

  beforeEach(async () => {
    replica = await world.replica();
    agent = await world.agent(replica, { trust: 'untrusted_too' });
    repo = await world.repo();
  });

  const ofRepo = (name: string, key = `${repo.name}/${name}`): CompiledSecret => ({
    name,
    type: 'repo',
    key,
  });
  const ofOrg = (name: string, key = `org/${name}`): CompiledSecret => ({ name, type: 'org', key });
  const shared = (name: string): CompiledSecret => ({ name, type: 'shared', key: name });

  /** What the agent finds in the seal of a build of this pipeline, which then ends. */
  async function contentOf(node: NodeWish, options?: PlanWish) {
    await world.admit(replica, repo, [node], options);
    const { secrets, refusedSecrets } = (await agent.runNext()).content;
    return { secrets, refused: refusedSecrets };
  }

  it('go to the steps that name them, and to no other', async () => {
    await giveSecret(database, { repo: repo.name, name: 'token', value: 'of the repo' });
    await giveSecret(database, { org: 'org', name: 'token', value: 'of the organisation' });
    await giveSecret(database, { shared: true, name: 'token', value: 'of all' });
    const declared = [
      { ...ofRepo('token'), name: 'one' },
      { ...ofOrg('token'), name: 'two' },
      { ...shared('token'), name: 'three' },
      { ...shared('other'), name: 'unused' },
    ];
    const pipeline = pipelineAsking(
      declared,
      { asks: ['one', 'two'] },
      { asks: [] },
      { asks: ['three', 'two'] },
    );
    assert.deepEqual(await contentOf({ pipeline }), {
      secrets: [
        { name: 'one', value: 'of the repo', steps: [1] },
        { name: 'two', value: 'of the organisation', steps: [1, 3] },
        { name: 'three', value: 'of all', steps: [3] },
      ],
      refused: [],
    });
  });

  it('are refused, and that is said, when they do not exist or belong to others', async () => {
    const other = await world.repo();
    await giveSecret(database, { repo: other.name, name: 'theirs' });
    await database.query(`insert into organisations (name) values ('rivals')`);
    await giveSecret(database, { org: 'rivals', name: 'theirs' });
    const declared = [
      ofRepo('missing'),
      ofRepo('theirs', `${other.name}/theirs`),
      { ...ofOrg('org_theirs', 'rivals/theirs') },
      ofOrg('odd', 'org/a/b/c'),
    ];
    const asks = ['missing', 'theirs', 'org_theirs', 'odd', 'undeclared'];
    const { secrets, refused } = await contentOf({ pipeline: pipelineAsking(declared, { asks }) });
    assert.deepEqual(secrets, []);
    assert.deepEqual(Object.fromEntries(refused.map(({ name, reason }) => [name, reason])), {
      missing: `there is no repo secret ${repo.name}/missing`,
      theirs: `"${other.name}/theirs" is a secret of another repo than ${repo.name}`,
      org_theirs: `"rivals/theirs" is a secret of another organisation than that of ${repo.name}`,
      odd: '"org/a/b/c" is no key of a org secret, expected org/name',
      undeclared: 'the pipeline declares no such secret',
    });
    assert.ok(refused.every(({ step }) => step === 1));
  });

  it('are not given to a fork, which does not even learn what there is', async () => {
    await giveSecret(database, { repo: repo.name, name: 'token', rules: { allowEvents: ['pull_request'] } });
    const pipeline = pipelineAsking([ofRepo('token'), ofRepo('missing')], { asks: ['token', 'missing'] });
    const { secrets, refused } = await contentOf({ pipeline }, { trusted: false, event: 'pull_request' });
    assert.deepEqual(secrets, []);
    assert.deepEqual(
      [...new Set(refused.map(({ reason }) => reason))],
      ['the change comes from a fork, and nobody has approved it'],
    );
    assert.equal(refused.length, 2);
  });

  it('are judged by the event of the change, its ref, and each step', async () => {
    await giveSecret(database, {
      org: 'org',
      name: 'deploy',
      rules: { allowImages: ['builder:*'], allowCommands: false },
    });
    const pipeline = pipelineAsking(
      [ofOrg('deploy')],
      { asks: ['deploy'], image: 'builder:1', commands: [] },
      { asks: ['deploy'], image: 'other:1', commands: [] },
      { asks: ['deploy'], image: 'builder:1', commands: ['env'] },
      { asks: ['deploy'], image: 'builder:1', commands: [], entrypoint: ['/bin/sh', '-c', 'env'] },
    );
    const onMain = await contentOf({ pipeline });
    assert.deepEqual(onMain.secrets, [{ name: 'deploy', value: 'value of deploy', steps: [1] }]);
    assert.deepEqual(
      onMain.refused.map(({ step }) => step),
      [2, 3, 4],
    );
    const branch = await contentOf({ pipeline, ref: 'refs/heads/feature' });
    assert.deepEqual(branch.secrets, []);
    assert.match(
      branch.refused[0]?.reason ?? '',
      /not for refs\/heads\/feature, only for @default, refs\/tags\/\*\*$/,
    );
    assert.equal((await contentOf({ pipeline, ref: 'refs/tags/v1' })).secrets.length, 1);
    assert.match(
      (await contentOf({ pipeline, ref: null })).refused[0]?.reason ?? '',
      /and the build has none/,
    );
    const pull = await contentOf({ pipeline }, { event: 'pull_request', action: 'opened' });
    assert.deepEqual(pull.secrets, []);
    assert.match(
      pull.refused[0]?.reason ?? '',
      /^it is not for event pull_request:opened, only for push, tag/,
    );
  });

  it('cost nothing where no step asks for any', async () => {
    await database.query('alter table secrets rename to secrets_away');
    try {
      assert.deepEqual(await contentOf({ pipeline: pipelineAsking([ofRepo('token')], { asks: [] }) }), {
        secrets: [],
        refused: [],
      });
    } finally {
      await database.query('alter table secrets_away rename to secrets');
    }
  });

  it('are sealed as they are when a package is made again', async () => {
    await giveSecret(database, { repo: repo.name, name: 'token', value: 'old' });
    await world.admit(replica, repo, [{ pipeline: pipelineAsking([ofRepo('token')], { asks: ['token'] }) }]);
    const first = await agent.nextPackage();
    await giveSecret(database, { repo: repo.name, name: 'token', value: 'new' });
    await agent.drop();
    await agent.connect(replica.dispatch, { holds: [{ build: first.buildId, phase: 'OFFERED' }] });
    const second = await agent.nextPackage();
    assert.equal(second.buildId, first.buildId);
    assert.equal(second.headSha256, first.headSha256);
    assert.deepEqual(
      [first, second].map(({ content }) => content.secrets[0]?.value),
      ['old', 'new'],
    );
    await agent.accept(second);
    await agent.finish(second);
  });

  it('together larger than fits into a message are refused from there on', async () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    for (const name of names)
      await giveSecret(database, { repo: repo.name, name, value: 'x'.repeat(64 * 1024) });
    const { secrets, refused } = await contentOf({
      pipeline: pipelineAsking(
        names.map((name) => ofRepo(name)),
        { asks: names },
      ),
    });
    assert.equal(secrets.length, 4);
    assert.deepEqual(refused, [
      { name: 'e', step: 1, reason: 'the secrets of the build are larger than 256 KiB together' },
    ]);
  });

  describe('that cannot be opened', () => {
    const asking = () => pipelineAsking([ofRepo('token')], { asks: ['token'] });

    /** The build must not run: neither without the secret nor with another one's. */
    async function assertRejected(): Promise<void> {
      const group = await world.admit(replica, repo, [{ pipeline: asking() }]);
      const next = await world.admit(replica, repo, [{ pipeline: {} }]);
      await agent.runNext();
      const { state, failure_kind, error } = await jobOf(database, group.id);
      assert.deepEqual([state, failure_kind], ['REJECTED', 'SECRET_UNREADABLE']);
      assert.match(error ?? '', new RegExp(`^secret ${repo.name}/token cannot be opened`));
      assert.deepEqual(await buildStatuses(database, group.id), ['WITHDRAWN']);
      assert.deepEqual(
        [await groupState(database, group.id), await groupState(database, next.id)],
        ['FAILED', 'COMPLETE'],
      );
      assert.equal((await database.query('select 1 from work_backoff')).length, 0);
      assert.match(world.complaints.splice(0).join('\n'), /a secret cannot be opened/);
    }

    it('because two rows’ envelopes were swapped end the build, and the server goes on', async () => {
      const one = await giveSecret(database, { repo: repo.name, name: 'token', value: 'one' });
      const two = await giveSecret(database, { repo: repo.name, name: 'other', value: 'two' });
      await database.query(
        `update secrets s set envelope = o.envelope from secrets o where s.id = any($1) and o.id = any($1) and o.id <> s.id`,
        [[one, two]],
      );
      await assertRejected();
    });

    it('because the row was moved to another owner or name end the build', async () => {
      const other = await world.repo();
      await giveSecret(database, { repo: other.name, name: 'token' });
      await database.query('update secrets set repo_id = $1', [repo.repoId]);
      await assertRejected();
      await database.query('delete from secrets');
      await giveSecret(database, { repo: repo.name, name: 'harmless' });
      await database.query(`update secrets set name = 'token'`);
      await assertRejected();
    });

    it('because of a master key that is not here end the build', async () => {
      await giveSecret(database, {
        repo: repo.name,
        name: 'token',
        masterKeys: masterKeysOf(randomBytes(32)),
      });
      await assertRejected();
    });

    it('harm nobody whose steps may not have them', async () => {
      const id = await giveSecret(database, {
        repo: repo.name,
        name: 'token',
        rules: { allowEvents: ['tag'] },
      });
      await database.query(`update secrets set envelope = envelope || '\\x00' where id = $1`, [id]);
      assert.equal((await contentOf({ pipeline: asking() })).refused.length, 1);
    });
  });

  it('are read again when the connection is lost on the way', async () => {
    await giveSecret(database, { repo: repo.name, name: 'token' });
    const blocker = await database.pool.connect();
    try {
      await blocker.query('begin; lock table secrets in access exclusive mode');
      await world.admit(replica, repo, [
        { pipeline: pipelineAsking([ofRepo('token')], { asks: ['token'] }) },
      ]);
      const kill = `select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and application_name = 'slipway secrets' and wait_event_type = 'Lock'`;
      await eventually(async () => (await database.query(kill)).length === 1, { what: 'a lost connection' });
    } finally {
      await blocker.query('rollback');
      blocker.release();
    }
    assert.equal((await agent.runNext()).content.secrets.length, 1);
  });

  it('that cannot be read now leave the offer for the sweep', async () => {
    await giveSecret(database, { repo: repo.name, name: 'token' });
    await database.query('alter table secrets rename to secrets_away');
    const group = await world.admit(replica, repo, [
      { pipeline: pipelineAsking([ofRepo('token')], { asks: ['token'] }) },
    ]);
    await world.pass('3 seconds');
    await replica.dispatch.sweep();
    assert.equal(agent.packages.length, 0);
    assert.match(world.complaints.splice(0).join('\n'), /a package could not be made/);
    await database.query('alter table secrets_away rename to secrets');
    await replica.dispatch.sweep();
    assert.equal((await agent.runNext()).content.secrets.length, 1);
    const { state, attempts, refusals } = await jobOf(database, group.id);
    assert.deepEqual({ state, attempts, refusals }, { state: 'COMPLETE', attempts: 1, refusals: 0 });
    world.complaints.splice(0);
  });
});
