import assert from 'node:assert/strict';
import { ErrorCode } from '../../src/base/errors.js';
import { generateKeyPair, sign } from '../../src/protocol/identity.js';
import { acceptBytes } from '../../src/protocol/signatures.js';
import { testDatabase } from '../support/database.js';
import { buildStatuses, dump, groupState, only } from '../support/world/rows.js';
import { SUCCESS, type OpenedPackage, type SimulatedAgent } from '../support/world/simulated-agent.js';
import { ORIGIN, testWorld } from '../support/world/world.js';

const STEP = {
  number: 2,
  name: 'test',
  status: 'RUNNING',
  exitCode: null,
  error: null,
  elapsedMs: 1,
} as const;
/** Texts that PostgreSQL or UTF-8 cannot carry. */
const HOSTILE = ['\0', 'a\0b', '\ud800', 'x\udfff'];

describe('what an agent may say of builds', () => {
  const database = testDatabase();
  const world = testWorld(database);

  async function offered() {
    const replica = await world.replica({ autonomous: false });
    const agent = await world.agent(replica);
    const group = await world.admit(replica);
    return { replica, agent, group, opened: await agent.nextPackage() };
  }

  async function running() {
    const scene = await offered();
    await scene.agent.accept(scene.opened);
    return scene;
  }

  /** Every operation that spends a build token. */
  async function everything(agent: SimulatedAgent, buildId: string, token: string): Promise<string[]> {
    const item = { buildId, token };
    const answers = [
      ...(await agent.session.startBuilds([item])),
      ...(await agent.session.updateSteps([{ ...item, steps: [STEP] }])),
      ...(await agent.session.appendLogs([{ ...item, chunks: [{ step: 2, seq: 0, data: 'eA==' }] }])),
      ...(await agent.session.finishBuilds([{ ...item, result: SUCCESS }])),
    ];
    return [...new Set(answers.map(({ outcome }) => outcome))];
  }

  it('is refused with a build token that was stolen from another worker, and changes nothing', async () => {
    const { replica, opened } = await running();
    const thief = await world.agent(replica);
    const before = await dump(database);
    assert.deepEqual(await everything(thief, opened.buildId, opened.content.buildToken), ['FORBIDDEN']);
    assert.equal(await dump(database), before);
  });

  it('is refused with the token of another build, with one that is no token, and for what is no build', async () => {
    const { replica, agent, opened } = await running();
    const other = await world.agent(replica, { limit: 2 });
    await world.admit(replica);
    await world.admit(replica);
    const [mine, sibling] = [await other.acceptNext(), await other.acceptNext()];
    const unknown = '00000000-0000-4000-8000-000000000000';
    const before = await dump(database);
    assert.deepEqual(await everything(other, mine.buildId, sibling.content.buildToken), ['FORBIDDEN']);
    for (const token of ['', 'v4.public.', 'v4.public.AAAA', ...HOSTILE])
      assert.deepEqual(await everything(agent, opened.buildId, token), ['FORBIDDEN'], token);
    assert.deepEqual(await everything(agent, unknown, opened.content.buildToken), ['FORBIDDEN']);
    for (const id of ['', 'no-uuid', `${opened.buildId} `, ...HOSTILE])
      assert.deepEqual(await everything(agent, id, opened.content.buildToken), ['INVALID'], id);
    assert.equal(await dump(database), before);
  });

  it('is refused before the build is accepted, whatever the token', async () => {
    const { agent, opened } = await offered();
    const before = await dump(database);
    assert.deepEqual(await everything(agent, opened.buildId, opened.content.buildToken), ['STALE_BUILD']);
    assert.equal(await dump(database), before);
  });

  it('is stale once the build is over', async () => {
    const { agent, opened } = await running();
    await agent.finish(opened, { ...SUCCESS, exitCode: 3 });
    const before = await dump(database);
    assert.deepEqual(await everything(agent, opened.buildId, opened.content.buildToken), ['STALE_BUILD']);
    assert.equal(await dump(database), before);
  });

  describe('in an accept', () => {
    const accept = (agent: SimulatedAgent, opened: OpenedPackage, change: object) =>
      agent.acceptItems([{ ...agent.acceptItem(opened), ...change }]);

    it('is refused unless it proves that the seal was opened', async () => {
      const { agent, opened } = await offered();
      const before = await dump(database);
      const { nonce } = agent.acceptItem(opened);
      for (const change of [
        { nonce: `${nonce.slice(1)}A` },
        { nonce: '' },
        { nonce: 'é'.repeat(nonce.length) },
        { headSha256: 'A'.repeat(43) },
        { attempt: 2 },
      ]) {
        const [answer] = await accept(agent, opened, change);
        assert.equal(answer?.outcome, 'FORBIDDEN', JSON.stringify(change));
      }
      assert.equal(await dump(database), before);
      assert.equal((await agent.accept(opened))[0]?.outcome, 'OK');
    });

    it('is refused as a whole with a signature or worker token of somebody else', async () => {
      const { replica, agent, group, opened } = await offered();
      const thief = await world.agent(replica);
      const builds = [agent.acceptItem(opened)];
      const { session, epoch } = agent.statement;
      const bytes = acceptBytes({ serverOrigin: ORIGIN, session, epoch, items: builds });
      const good = {
        workerToken: agent.ack.workerToken,
        signature: sign(agent.keys.privateKey, bytes),
        builds,
      };
      for (const change of [
        { signature: sign(generateKeyPair().privateKey, bytes) },
        { signature: sign(agent.keys.privateKey, bytes.slice(1)) },
        { signature: '' },
        { workerToken: thief.ack.workerToken },
        { workerToken: opened.content.buildToken },
        ...HOSTILE.map((workerToken) => ({ workerToken })),
      ]) {
        const refused = agent.session.acceptBuilds({ ...good, ...change });
        await assert.rejects(refused, { code: ErrorCode.FORBIDDEN });
      }
      await assert.rejects(thief.session.acceptBuilds(good), { code: ErrorCode.FORBIDDEN });
      assert.deepEqual(await buildStatuses(database, group.id), ['OFFERED']);
    });

    it('is refused with the worker token of an older session of the same worker', async () => {
      const { replica, agent, opened } = await offered();
      const { workerToken } = agent.ack;
      await agent.drop();
      await agent.connect(replica.dispatch, { holds: [{ build: opened.buildId, phase: 'OFFERED' }] });
      const again = await agent.nextPackage();
      const builds = [agent.acceptItem(again)];
      const { session, epoch } = agent.statement;
      const bytes = acceptBytes({ serverOrigin: ORIGIN, session, epoch, items: builds });
      const signature = sign(agent.keys.privateKey, bytes);
      await assert.rejects(agent.session.acceptBuilds({ workerToken, signature, builds }), {
        code: ErrorCode.FORBIDDEN,
      });
    });

    it('cannot take the offer of another worker, nor an unknown or malformed build', async () => {
      const { replica, agent, opened } = await offered();
      const thief = await world.agent(replica);
      const before = await dump(database);
      assert.equal((await accept(thief, opened, {}))[0]?.outcome, 'STALE_BUILD');
      const unknown = { buildId: '00000000-0000-4000-8000-000000000000' };
      assert.equal((await accept(agent, opened, unknown))[0]?.outcome, 'STALE_BUILD');
      assert.equal((await accept(agent, opened, { buildId: 'x\0' }))[0]?.outcome, 'INVALID');
      await assert.rejects(accept(agent, opened, { nonce: '\ud800' }), {
        code: ErrorCode.VALIDATION_FAILED,
      });
      assert.equal(await dump(database), before);
    });
  });

  describe('in texts that no database can store', () => {
    it('is stored with replacements: steps, results and refusals', async () => {
      const { replica, agent, group, opened } = await running();
      for (const text of HOSTILE) {
        const answer = await agent.report(opened, { ...STEP, name: text, error: text });
        assert.equal(answer.outcome, 'OK');
      }
      const failure = { ...SUCCESS, status: 'FAILURE', failureKind: 'k\0', error: 'e\ud800' } as const;
      assert.equal((await agent.finish(opened, failure)).outcome, 'OK');
      const [row] = await database.query('select failure_kind, error from builds where id = $1', [
        opened.buildId,
      ]);
      assert.deepEqual(row, { failure_kind: 'k\uFFFD', error: 'e\uFFFD' });
      const refused = await world.admit(replica);
      const offer = await agent.nextPackage();
      assert.equal((await agent.refuse(offer, 'INCAPABLE', 'no\0')).outcome, 'OK');
      assert.deepEqual(await buildStatuses(database, refused.id), ['REFUSED']);
      assert.equal(await groupState(database, group.id), 'FAILED');
    });

    it('is INVALID for its own item only, where it is out of range', async () => {
      const replica = await world.replica({ autonomous: false });
      const agent = await world.agent(replica, { limit: 100 });
      const repo = await world.repo();
      const plans = await Promise.all(Array.from({ length: 100 }, () => world.plan(repo)));
      await Promise.all(plans.map((plan) => replica.dispatch.admitGroups([plan])));
      const builds = await Promise.all(plans.map(() => agent.nextPackage()));
      await agent.accept(...builds);
      const steps = builds.map(({ buildId, content }, index) => ({
        buildId,
        token: content.buildToken,
        steps: [index === 50 ? { ...STEP, number: -1 } : STEP],
      }));
      const outcomes = (await agent.session.updateSteps(steps)).map(({ outcome }) => outcome);
      assert.equal(outcomes[50], 'INVALID');
      assert.equal(outcomes.filter((outcome) => outcome === 'OK').length, 99);
      // This one only the database refuses: a poison row in a batch.
      const poison = steps.map((item, index) =>
        index === 50 ? { ...item, steps: [{ ...STEP, number: 3, status: 'ODD' as 'RUNNING' }] } : item,
      );
      const answers = (await agent.session.updateSteps(poison)).map(({ outcome }) => outcome);
      assert.equal(answers[50], 'INVALID');
      assert.equal(answers.filter((outcome) => outcome === 'OK').length, 99);
      const logs = await agent.session.appendLogs([
        {
          buildId: builds[0]!.buildId,
          token: builds[0]!.content.buildToken,
          chunks: [{ step: 0, seq: 0, data: '?' }],
        },
      ]);
      assert.equal(only(logs).outcome, 'INVALID');
    });

    it('is refused in a connect, by a close code and without a trace', async () => {
      const replica = await world.replica({ autonomous: false });
      const agent = await world.machine();
      const before = await dump(database);
      for (const text of HOSTILE) {
        agent.bootId = text;
        const own = agent.tryOpen(replica.dispatch).catch((error: unknown) => error);
        // What the agent's own signing refuses never gets to a server; the rest does.
        const outcome = (await own) as { kind?: string };
        assert.notEqual(outcome.kind, 'OPENED');
      }
      agent.bootId = 'boot';
      for (const field of ['workerId', 'challenge', 'bootId', 'sessionKey', 'holds', 'signature'] as const)
        for (const text of [...HOSTILE, '', '[', '{"a":1}', '[null]']) {
          const opened = await agent.tryOpen(replica.dispatch, {}, (payload) => ({
            ...payload,
            [field]: text,
          }));
          assert.equal(opened.kind, 'REFUSED', `${field}: ${JSON.stringify(text)}`);
        }
      assert.equal(await dump(database), before);
    });
  });
});
