import assert from 'node:assert/strict';
import type { JobState } from '../../src/jobs/jobs.state.js';
import type { BuildResult } from '../../src/protocol/messages.js';
import { testDatabase } from '../support/database.js';
import { ManualClock } from '../support/manual-clock.js';
import { jobOf } from '../support/world/rows.js';
import {
  FAILURE,
  SUCCESS,
  type OpenedPackage,
  type SimulatedAgent,
} from '../support/world/simulated-agent.js';
import { testWorld, type Replica } from '../support/world/world.js';

/** One job, the worker that has it or had it last, and the package that this worker has got. */
interface Scene {
  readonly clock: ManualClock;
  readonly replica: Replica;
  readonly agent: SimulatedAgent;
  readonly opened: OpenedPackage;
  readonly groupId: string;
}

/** The table of the design, row by row; an event that is not listed changes nothing. */
const TABLE: Readonly<Record<string, Readonly<Record<string, JobState>>>> = {
  PENDING: { cancel: 'CANCEL_COMPLETE', 'queue deadline': 'FAILED' },
  PROCESSING: {
    accept: 'RUNNING',
    refused: 'PENDING',
    'not acknowledged': 'PENDING',
    withdrawn: 'PENDING',
    lost: 'PENDING',
    cancel: 'CANCEL_PENDING',
  },
  RUNNING: {
    'finish in success': 'COMPLETE',
    'finish in failure': 'FAILED',
    'infra failure': 'PENDING',
    lost: 'PENDING',
    'agent stopped unasked': 'PENDING',
    cancel: 'CANCEL_PENDING',
    'run deadline': 'FAILED',
  },
  'CANCEL_PENDING, offered': {
    accept: 'CANCEL_COMPLETE',
    refused: 'CANCEL_COMPLETE',
    'not acknowledged': 'CANCEL_COMPLETE',
    withdrawn: 'CANCEL_COMPLETE',
    lost: 'CANCEL_COMPLETE',
    'cancel acknowledged': 'CANCEL_PROCESSING',
    'cancel deadline': 'CANCEL_COMPLETE',
  },
  'CANCEL_PENDING, running': {
    'finish in success': 'CANCEL_COMPLETE',
    'finish in failure': 'CANCEL_COMPLETE',
    'infra failure': 'CANCEL_COMPLETE',
    lost: 'CANCEL_COMPLETE',
    'agent stopped unasked': 'CANCEL_COMPLETE',
    'cancel acknowledged': 'CANCEL_PROCESSING',
    'run deadline': 'CANCEL_COMPLETE',
    'cancel deadline': 'CANCEL_COMPLETE',
  },
  CANCEL_PROCESSING: {
    'finish in success': 'CANCEL_COMPLETE',
    'finish in failure': 'CANCEL_COMPLETE',
    'infra failure': 'CANCEL_COMPLETE',
    lost: 'CANCEL_COMPLETE',
    'agent stopped unasked': 'CANCEL_COMPLETE',
    'run deadline': 'CANCEL_COMPLETE',
    'cancel deadline': 'CANCEL_COMPLETE',
  },
};

describe('the table of jobs', () => {
  const database = testDatabase();
  const world = testWorld(database);

  const accept = ({ agent, opened }: Scene) => agent.accept(opened);
  const cancel = ({ replica, opened }: Scene) => replica.dispatch.cancelJob(opened.head.job, 'test');
  const acknowledge = async ({ replica, agent, opened }: Scene) => {
    await replica.dispatch.sweep();
    const canceling = await world.pool.query(
      `select 1 from jobs where id = $1 and state = 'CANCEL_PENDING'`,
      [opened.head.job],
    );
    if (canceling.rowCount === 1) await agent.nextEvent('CancelBuild');
    await agent.beat([opened.buildId]);
  };
  const finish =
    (result: BuildResult) =>
    ({ agent, opened }: Scene) =>
      agent.finish(opened, result);
  const overdue = (sql: string) => async (scene: Scene) => {
    await database.query(sql, [scene.opened.head.job]);
    await scene.replica.dispatch.sweep();
  };

  const EVENTS: Readonly<Record<string, (scene: Scene) => Promise<unknown>>> = {
    accept,
    refused: ({ agent, opened }) => agent.refuse(opened, 'INCAPABLE'),
    'not acknowledged': async ({ clock, replica, agent, opened }) => {
      await agent.beat([opened.buildId]);
      clock.advance(11_000);
      await replica.dispatch.sweep();
    },
    withdrawn: ({ agent, opened }) => agent.refuse(opened, 'DRAINING'),
    'finish in success': finish(SUCCESS),
    'finish in failure': finish(FAILURE),
    'infra failure': finish({ ...SUCCESS, status: 'ERROR' }),
    'agent stopped unasked': finish({ ...SUCCESS, status: 'KILLED', failureKind: 'AGENT_STOPPED' }),
    lost: async ({ replica, agent }) => {
      agent.bootId = 'another life';
      await agent.open(replica.dispatch);
    },
    cancel,
    'cancel acknowledged': acknowledge,
    'queue deadline': overdue(`update jobs set queue_deadline = slipway_now() where id = $1`),
    'run deadline': overdue(
      `update busy_workers set hard_deadline = slipway_now() where job_id = $1 and accepted`,
    ),
    'cancel deadline': overdue(
      `update jobs set cancel_deadline = slipway_now() where id = $1 and cancel_deadline is not null`,
    ),
  };

  const SETUPS: Readonly<Record<string, readonly ((scene: Scene) => Promise<unknown>)[]>> = {
    PENDING: [({ agent, opened }) => agent.refuse(opened, 'DRAINING')],
    PROCESSING: [],
    RUNNING: [accept],
    'CANCEL_PENDING, offered': [cancel],
    'CANCEL_PENDING, running': [accept, cancel],
    CANCEL_PROCESSING: [accept, cancel, acknowledge],
  };

  /** A target of its own, so that no scene meets another one's work. */
  async function stage(replica: Replica, clock: ManualClock, row: string, event: string): Promise<Scene> {
    const target = `${row} ${event}`;
    const agent = await world.agent(replica, { targets: [target] });
    const group = await world.plan(await world.repo(), [{}], { target });
    await replica.dispatch.admitGroups([group]);
    const opened = await agent.nextPackage();
    const scene = { clock, replica, agent, opened, groupId: group.id };
    await agent.session.updateWorker({ acceptsWork: false });
    for (const step of SETUPS[row] ?? []) await step(scene);
    return scene;
  }

  for (const [row, changes] of Object.entries(TABLE)) {
    it(`holds for ${row}`, async () => {
      const clock = new ManualClock();
      const replica = await world.replica({ autonomous: false, clock });
      const [before = ''] = row.split(',');
      for (const [event, happen] of Object.entries(EVENTS)) {
        const scene = await stage(replica, clock, row, event);
        assert.equal((await jobOf(database, scene.groupId)).state, before, event);
        await happen(scene);
        assert.equal((await jobOf(database, scene.groupId)).state, changes[event] ?? before, event);
      }
    });
  }

  it('is guarded by the database: a transition that it does not have is refused', async () => {
    const replica = await world.replica({ autonomous: false });
    const group = await world.admit(replica);
    for (const state of ['RUNNING', 'COMPLETE', 'REJECTED', 'CANCEL_PENDING']) {
      const forbidden = database.query(
        `update jobs set state = $2::job_state, finished_at = case when $2 in ('COMPLETE', 'REJECTED') then now() end
         where group_id = $1`,
        [group.id, state],
      );
      await assert.rejects(forbidden, { code: 'P0001' });
    }
  });
});
