import assert from 'node:assert/strict';
import { serialiseCompiled, type CompiledStep } from '../../src/pipeline/index.js';
import type { StepReport } from '../../src/protocol/messages.js';
import { stepOf } from '../agent/support/step.js';
import { testDatabase } from '../support/database.js';
import { ManualClock } from '../support/manual-clock.js';
import { buildStatuses, groupState, jobOf } from '../support/world/rows.js';
import { SUCCESS, type OpenedPackage, type SimulatedAgent } from '../support/world/simulated-agent.js';
import { testWorld, type Replica } from '../support/world/world.js';

const RUNNING: StepReport = {
  number: 2,
  name: 'slow',
  status: 'RUNNING',
  exitCode: null,
  error: null,
  elapsedMs: 0,
};

describe('cancels and deadlines', () => {
  const database = testDatabase();
  const world = testWorld(database);

  async function running() {
    const replica = await world.replica({ autonomous: false });
    const agent = await world.agent(replica);
    const group = await world.admit(replica);
    const opened = await agent.acceptNext();
    return { replica, agent, group, opened, job: opened.head.job };
  }

  it('end a job that nobody has at once, and say the same of it afterwards', async () => {
    const replica = await world.replica({ autonomous: false });
    const group = await world.admit(replica);
    const { id } = await jobOf(database, group.id);
    assert.deepEqual(await replica.dispatch.cancelJob(id, 'test'), { kind: 'CANCELED' });
    assert.equal(await groupState(database, group.id), 'FAILED');
    assert.deepEqual(await replica.dispatch.cancelJob(id, 'test'), {
      kind: 'ALREADY_FINAL',
      state: 'CANCEL_COMPLETE',
    });
    for (const unknown of ['no-uuid', 'x\0', '00000000-0000-4000-8000-000000000000'])
      assert.deepEqual(await replica.dispatch.cancelJob(unknown, 'test'), { kind: 'NOT_FOUND' });
  });

  it('reach the agent, are acknowledged by its heartbeat, and win over a success', async () => {
    const { replica, agent, group, opened, job } = await running();
    assert.deepEqual(await replica.dispatch.cancelJob(job, 'no\0'), { kind: 'CANCELING' });
    await replica.dispatch.sweep();
    await replica.dispatch.sweep();
    const event = await agent.nextEvent('CancelBuild');
    assert.deepEqual([event.buildId, event.graceMs], [opened.buildId, 10_000]);
    assert.deepEqual(agent.events, []);
    assert.equal((await jobOf(database, group.id)).state, 'CANCEL_PENDING');
    await agent.beat([opened.buildId]);
    assert.equal((await jobOf(database, group.id)).state, 'CANCEL_PROCESSING');
    assert.deepEqual(await replica.dispatch.cancelJob(job, 'again'), { kind: 'CANCELING' });
    assert.equal((await agent.finish(opened, SUCCESS)).status, 'SUCCESS');
    assert.deepEqual(await buildStatuses(database, group.id), ['SUCCESS']);
    assert.equal((await jobOf(database, group.id)).state, 'CANCEL_COMPLETE');
  });

  it('revoke the lease of a build whose agent does not end it in time', async () => {
    const { replica, agent, group, opened, job } = await running();
    await replica.dispatch.cancelJob(job, 'test');
    await world.pass('14 seconds');
    await replica.dispatch.sweep();
    assert.deepEqual(await buildStatuses(database, group.id), ['RUNNING']);
    await world.pass('4 seconds');
    await replica.dispatch.sweep();
    assert.deepEqual(await buildStatuses(database, group.id), ['CANCELED']);
    assert.equal((await jobOf(database, group.id)).state, 'CANCEL_COMPLETE');
    assert.equal((await agent.finish(opened)).outcome, 'STALE_BUILD');
  });

  it('fail a job that waited longer than its queue deadline, and leave a claimed one alone', async () => {
    const replica = await world.replica({ autonomous: false });
    const waiting = await world.admit(replica);
    await world.pass('24 hours');
    await replica.dispatch.sweep();
    const agent = await world.agent(replica);
    const claimed = await world.admit(replica);
    const job = await jobOf(database, waiting.id);
    assert.deepEqual([job.state, job.failure_kind], ['FAILED', 'QUEUE_TIMEOUT']);
    assert.equal(await groupState(database, waiting.id), 'FAILED');
    await agent.acceptNext();
    await database.query('update jobs set queue_deadline = slipway_now() where group_id = $1', [claimed.id]);
    await replica.dispatch.sweep();
    assert.equal((await jobOf(database, claimed.id)).state, 'RUNNING');
  });

  it('end a build whose preparation takes too long, and none of which a step has begun', async () => {
    const deadlines = { prepareMs: 20_000, cancelGraceMs: 5_000 };
    const replica = await world.replica({ autonomous: false, leaseMs: 3_600_000, deadlines });
    const agent = await world.agent(replica, { limit: 3 });
    const [stuck, begun, older] = [
      await world.admit(replica),
      await world.admit(replica),
      await world.admit(replica),
    ];
    const opened = await Promise.all([agent.acceptNext(), agent.acceptNext(), agent.acceptNext()]);
    const of = async (group: { id: string }): Promise<OpenedPackage> => {
      const { id } = await jobOf(database, group.id);
      return opened.find(({ head }) => head.job === id)!;
    };
    const step = { name: 'x', exitCode: null, error: null, elapsedMs: 10, status: 'RUNNING' as const };
    await agent.report(await of(stuck), { ...step, number: 0 }, { ...step, number: 1 });
    await agent.report(await of(stuck), { ...step, number: 2, status: 'PENDING', elapsedMs: null });
    await agent.report(await of(begun), { ...step, number: 2 });
    // It was in the window while nobody looked: its hard deadline is left to it.
    await database.query(
      `update busy_workers set hard_deadline = hard_deadline - interval '2 minutes' where build_id = $1`,
      [(await of(older)).buildId],
    );

    await world.pass('80 seconds');
    await replica.dispatch.sweep();
    assert.deepEqual(await buildStatuses(database, stuck.id), ['RUNNING']);
    await world.pass('10 seconds');
    await replica.dispatch.sweep();
    assert.deepEqual(await buildStatuses(database, stuck.id), ['KILLED']);
    assert.deepEqual(await buildStatuses(database, begun.id), ['RUNNING']);
    assert.deepEqual(await buildStatuses(database, older.id), ['RUNNING']);
    const job = await jobOf(database, stuck.id);
    assert.deepEqual([job.state, job.failure_kind], ['FAILED', 'TIMEOUT']);
    assert.match(job.error ?? '', /took too long to prepare/);
  });

  it('end a build whose agent lets a step run beyond its limit, all of its runs counted', async () => {
    const clock = new ManualClock();
    const deadlines = { prepareMs: 300_000, cancelGraceMs: 5_000 };
    const replica = await world.replica({ autonomous: false, leaseMs: 3_600_000, deadlines, clock });
    const agent = await world.agent(replica, { limit: 4 });
    const step = { ...stepOf(['true']), timeoutMs: 90_000 };
    const once = await build(replica, agent, step);
    const thrice = await build(replica, agent, { ...step, retry: { max: 2, infrastructure: false } });
    const ended = await build(replica, agent, step);
    const unlimited = await build(replica, agent, stepOf(['true']));
    await agent.report(ended.opened, { ...RUNNING, status: 'SUCCESS' });
    const statuses = async () =>
      Promise.all(
        [once, thrice, ended, unlimited].map(
          async ({ group }) => (await buildStatuses(database, group.id))[0],
        ),
      );
    const after = async (seconds: number) => {
      await world.pass(`${seconds} seconds`);
      clock.advance(seconds * 1_000);
      await replica.dispatch.sweep();
      return statuses();
    };
    assert.deepEqual(await after(140), ['RUNNING', 'RUNNING', 'RUNNING', 'RUNNING']);
    assert.deepEqual(await after(20), ['KILLED', 'RUNNING', 'RUNNING', 'RUNNING']);
    assert.deepEqual(await after(170), ['KILLED', 'RUNNING', 'RUNNING', 'RUNNING']);
    assert.deepEqual(await after(20), ['KILLED', 'KILLED', 'RUNNING', 'RUNNING']);
    const job = await jobOf(database, once.group.id);
    assert.deepEqual([job.state, job.failure_kind], ['FAILED', 'STEP_TIMEOUT']);
    assert.match(job.error ?? '', /step slow ran for more than 155 s/);
  });

  it('give agents time to report after a gap without any server', async () => {
    const clock = new ManualClock();
    const replica = await world.replica({ autonomous: false, leaseMs: 3_600_000, clock });
    const agent = await world.agent(replica, { limit: 1 });
    const { group } = await build(replica, agent, { ...stepOf(['true']), timeoutMs: 90_000 });
    await world.pass('10 minutes', []);
    await replica.dispatch.sweep();
    assert.deepEqual(await buildStatuses(database, group.id), ['RUNNING']);
    clock.advance(61_000);
    await replica.dispatch.sweep();
    assert.deepEqual(await buildStatuses(database, group.id), ['KILLED']);
  });

  /** A build whose only step runs. */
  async function build(replica: Replica, agent: SimulatedAgent, step: CompiledStep) {
    const repo = await world.repo();
    const group = await world.plan(repo);
    const spec = serialiseCompiled({
      version: '1',
      clone: false,
      labels: {},
      environment: {},
      steps: [{ ...step, name: 'slow' }],
      skipped: [],
      warnings: [],
    });
    await replica.dispatch.admitGroups([{ ...group, nodes: group.nodes.map((node) => ({ ...node, spec })) }]);
    const opened = await agent.acceptNext();
    await agent.report(opened, RUNNING);
    return { group, opened };
  }

  it('kill a build at its hard deadline', async () => {
    const { replica, agent, group, opened } = await running();
    for (const interval of ['34 minutes', '2 minutes']) {
      await database.query(`update worker_sessions set lease_until = lease_until + interval '1 hour'`);
      await world.pass(interval);
      await replica.dispatch.sweep();
      if (interval === '34 minutes') assert.deepEqual(await buildStatuses(database, group.id), ['RUNNING']);
    }
    assert.deepEqual(await buildStatuses(database, group.id), ['KILLED']);
    const job = await jobOf(database, group.id);
    assert.deepEqual([job.state, job.failure_kind], ['FAILED', 'TIMEOUT']);
    assert.equal((await agent.finish(opened)).outcome, 'STALE_BUILD');
  });
});
