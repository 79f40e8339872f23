import assert from 'node:assert/strict';
import fc from 'fast-check';
import { testDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { insertBacklog } from '../support/world/backlog.js';
import { jobOf } from '../support/world/rows.js';
import { testWorld, type PlannedRepo, type Replica } from '../support/world/world.js';

describe('QueueReader', () => {
  const database = testDatabase();
  const world = testWorld(database);
  let replica: Replica;

  beforeEach('start a replica', async () => {
    replica = await world.replica({ autonomous: false });
  });

  async function admit(
    repo: PlannedRepo,
    node: NonNullable<Parameters<typeof world.plan>[1]>[number] = {},
    priority = 0,
  ): Promise<string> {
    const group = await world.plan(repo, [node], { priority });
    await replica.dispatch.admitGroups([group]);
    return (await jobOf(database, group.id)).id;
  }

  async function placeOf(job: string): Promise<number | undefined> {
    return (await replica.dispatch.queue.placesOf([job])).get(job);
  }

  const next = (limit = 100) => replica.dispatch.queue.next({ target: undefined, limit });

  it('tells the order in which claims then start jobs, whatever waits', async function () {
    this.timeout(120_000);
    const machine = await world.machine({ limit: 4, labels: { gpu: 'yes' } });
    const jobs = fc.array(
      fc.record({
        repo: fc.nat(5),
        gpu: fc.boolean(),
        priority: fc.constantFrom(0, 0, 0, 2),
        count: fc.integer({ min: 1, max: 4 }),
      }),
      { minLength: 1, maxLength: 8 },
    );
    await machine.connect(replica.dispatch);
    await fc.assert(
      fc.asyncProperty(
        jobs,
        fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 6, maxLength: 6 }),
        async (wishes, weights) => {
          await database.query('update worker_sessions set accepts_work = false');
          const repos: PlannedRepo[] = [];
          for (const [index, weight] of weights.entries())
            repos.push(
              await world.repo({
                weight,
                organisation: `org-${index % 3}`,
                organisationWeight: 1 + (index % 3),
              }),
            );
          for (const { repo, gpu, priority, count } of wishes)
            for (let made = 0; made < count; made += 1)
              await admit(repos[repo]!, gpu ? { requirements: { gpu: 'yes' } } : {}, priority);
          await database.query('update worker_sessions set accepts_work = true');
          await serveAll(machine);
        },
      ),
      { numRuns: 12 },
    );
  });

  /** Ends builds one claim at a time; each claim takes what was told to be next. */
  async function serveAll(agent: Awaited<ReturnType<typeof world.machine>>): Promise<void> {
    for (;;) {
      await untilBooked();
      const told = await next();
      const places = await replica.dispatch.queue.placesOf(told);
      assert.deepEqual(
        told.map((id) => places.get(id)),
        told.map((_, index) => index),
      );
      await replica.dispatch.sweep();
      const started: string[] = [];
      const running = [];
      while (running.length < 4) {
        const [row] = await database.query<{ count: number }>('select count(*)::integer from busy_workers');
        if (row!.count <= running.length) break;
        const opened = await agent.acceptNext();
        running.push(opened);
        started.push(opened.head.job);
      }
      if (running.length === 0) return assert.deepEqual(told, []);
      assert.deepEqual(started.toSorted(), told.slice(0, started.length).toSorted());
      for (const opened of running) await agent.finish(opened);
    }
  }

  /** Shares and ranks are booked off the claim's path. */
  async function untilBooked(): Promise<void> {
    await eventually(async () => {
      const late = await database.query(
        `select 1 from builds b join jobs j on j.id = b.job_id join lanes l on l.id = j.lane_id
         where l.rank_at + l.priority * interval '5 minutes' < b.offered_at`,
      );
      return late.length === 0;
    });
  }

  it('counts those of the repo alone when that is at its limit, and those of a full concurrency group', async () => {
    const [limited, other] = [await world.repo({ buildLimit: 1 }), await world.repo()];
    const concurrency = { group: 'deploy', limit: 1, strategy: 'queue' as const };
    const agent = await world.agent(replica, { limit: 2 });
    await admit(limited);
    await admit(other, { concurrency });
    await agent.acceptNext();
    await agent.acceptNext();
    const busy = [await admit(other), await admit(other)];
    const behind = [await admit(limited), await admit(limited), await admit(limited)];
    const grouped = [await admit(other, { concurrency }), await admit(other, { concurrency })];
    for (const jobs of [busy, behind, grouped])
      assert.deepEqual(
        await Promise.all(jobs.map(placeOf)),
        jobs.map((_, index) => index),
      );
    const told = await next();
    assert.deepEqual(told.slice(0, 2), busy);
    assert.deepEqual(new Set(told), new Set([...busy, ...behind, ...grouped]));
  });

  it('gives a job without a worker its place among its like, and lists it last', async () => {
    const repo = await world.repo();
    await world.agent(replica, { limit: 1 });
    await admit(repo);
    const gpu = { requirements: { gpu: 'yes' } };
    const unmet = [await admit(repo, gpu), await admit(repo, gpu)];
    const met = await admit(repo);
    assert.deepEqual(await Promise.all(unmet.map(placeOf)), [0, 1]);
    assert.deepEqual(await next(), [met, ...unmet]);
  });

  it('gives a job that is not ready no place, and lists it', async () => {
    const repo = await world.repo();
    const delayed = await admit(repo);
    await database.query(`update jobs set ready_at = slipway_now() + interval '1 hour'`);
    const ready = await admit(repo);
    assert.equal(await placeOf(delayed), undefined);
    assert.deepEqual(await next(), [ready, delayed]);
    assert.deepEqual(await next(1), [ready]);
  });

  it('lists target by target, or one alone', async () => {
    const repo = await world.repo();
    const group = await world.plan(repo, [{}], { target: 'aarch64-linux' });
    await replica.dispatch.admitGroups([group]);
    const { id: arm } = await jobOf(database, group.id);
    const intel = await admit(repo);
    assert.deepEqual(await next(), [arm, intel]);
    assert.deepEqual(await replica.dispatch.queue.next({ target: 'x86_64-linux', limit: 5 }), [intel]);
    assert.deepEqual(await replica.dispatch.queue.next({ target: 'other', limit: 5 }), []);
  });

  it('counts to 1,000', async () => {
    const repo = await world.repo();
    await insertBacklog(database, { repos: [repo], depth: 1_100 });
    const machine = await world.machine();
    await machine.open(replica.dispatch);
    await database.query(`update worker_sessions set state = 'READY', accepts_work = true`);
    const [last] = await database.query<{ id: string }>(
      'select id from jobs order by ready_at desc, id desc limit 1',
    );
    assert.equal(await placeOf(last!.id), 1_000);
  });

  describe('after another priority', () => {
    it('sees the job where it is now, and claims take it there', async () => {
      const repo = await world.repo();
      const jobs = [await admit(repo), await admit(repo), await admit(repo)];
      assert.deepEqual(await replica.dispatch.setJobPriority(jobs[2]!, 5), { kind: 'CHANGED' });
      const agent = await world.agent(replica);
      assert.deepEqual(await next(), [jobs[2], jobs[0], jobs[1]]);
      await replica.dispatch.sweep();
      assert.equal((await agent.runNext()).head.job, jobs[2]);
    });

    it('is refused for a job that a worker has, that is over or that does not exist', async () => {
      const agent = await world.agent(replica);
      const job = await admit(await world.repo());
      const opened = await agent.acceptNext();
      const set = () => replica.dispatch.setJobPriority(job, 1);
      assert.deepEqual(await set(), { kind: 'NOT_WAITING', state: 'RUNNING', isFinal: false });
      await agent.finish(opened);
      assert.deepEqual(await set(), { kind: 'NOT_WAITING', state: 'COMPLETE', isFinal: true });
      for (const id of ['no id', '00000000-0000-0000-0000-000000000000'])
        assert.deepEqual(await replica.dispatch.setJobPriority(id, 1), { kind: 'NOT_FOUND' });
    });
  });
});
