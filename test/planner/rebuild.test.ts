import assert from 'node:assert/strict';
import { deferred } from '../../src/base/deferred.js';
import { rebuildGroup, rebuildJob, type RebuildInput } from '../../src/changes/index.js';
import { scratchDir } from '../repos/scratch-repo.js';
import { testDatabase } from '../support/database.js';
import { Installation } from './installation.js';

const PIPELINE = 'steps:\n  - name: build\n    commands: [make]\n';

interface JobRow {
  readonly id: string;
  readonly group_id: string;
  readonly target: string;
  readonly vcs_commit: string;
  readonly rebuild_of: string | null;
  readonly state: string;
}

describe('a rebuild', () => {
  const database = testDatabase();
  const scratch = scratchDir();
  let here: Installation;

  before(() => {
    here = new Installation(database, scratch.path);
  });
  after(() => here.close());

  const jobsOf = (change: string): Promise<JobRow[]> =>
    database.query(
      `select jobs.id, group_id, jobs.target, vcs_commit, rebuild_of, jobs.state
       from jobs join groups on groups.id = group_id where change_id = $1 order by jobs.target`,
      [change],
    );

  const repeat = (job: string, rest: Partial<RebuildInput> = {}) =>
    rebuildJob(database.pool, here.hints, { id: job, sender: 'grace', ...rest });

  /** A repo for two targets, a change of it and its two jobs; afterwards its branch has moved on. */
  async function built(input: Parameters<Installation['change']>[1] = {}) {
    const repo = await here.repo({ '.slipway.yml': PIPELINE });
    await database.query(`update projects set targets = '{aarch64-linux,x86_64-linux}' where repo_id = $1`, [
      repo.id,
    ]);
    const change = await here.change(repo.name, input);
    await here.planner().runOnce();
    const jobs = await jobsOf(change);
    repo.remote.commit({ '.slipway.yml': `${PIPELINE}    environment: { NEWER: "1" }\n` });
    return { repo, change, jobs, job: jobs[0]! };
  }

  it('is a new change with the same event and commit, for the one target, by whoever asks', async () => {
    const { repo, change, job } = await built({
      event: 'pull_request',
      action: 'labeled',
      branch: 'main',
      ref: 'refs/heads/main',
      title: 'A title',
      sender: 'ada',
      labels: ['urgent'],
      paths: ['src/a.ts'],
      fromFork: true,
      idempotencyKey: 'first',
    });
    const woken = deferred<string>();
    const stop = here.hints.subscribe('change.received', (hint) => woken.resolve(hint.change));
    const { id } = await repeat(job.id);
    assert.equal(await woken.promise, id);
    stop();
    const columns = `event, action, ref, branch, base_commit, commit_sha, ruleset_target, tag, title, comment, paths,
      labels, trusted`;
    const [before] = await database.query(`select ${columns} from changes where id = $1`, [change]);
    const [after] = await database.query(`select ${columns} from changes where id = $1`, [id]);
    assert.deepEqual(after, before);
    const [own] = await database.query(
      'select sender, rebuild_of, target, projects, idempotency_key, state from changes where id = $1',
      [id],
    );
    assert.deepEqual(own, {
      sender: 'grace',
      rebuild_of: change,
      target: 'aarch64-linux',
      projects: [repo.name],
      idempotency_key: null,
      state: 'RECEIVED',
    });

    await here.planner().runOnce();
    const rebuilt = await jobsOf(id);
    assert.deepEqual(
      rebuilt.map(({ target, vcs_commit, rebuild_of }) => [target, vcs_commit, rebuild_of]),
      [['aarch64-linux', repo.commit, job.group_id]],
    );
  });

  it('works for jobs that wait, were canceled or failed alike, and leaves them as they are', async () => {
    const { job, jobs } = await built();
    for (const state of ['PENDING', 'FAILED'] as const) {
      if (state === 'FAILED')
        await database.query(`update jobs set state = 'FAILED', finished_at = slipway_now() where id = $1`, [
          job.id,
        ]);
      const { id } = await repeat(job.id);
      await here.planner().runOnce();
      assert.equal((await jobsOf(id)).length, 1);
      const [same] = await database.query<JobRow>('select state from jobs where id = $1', [job.id]);
      assert.equal(same?.state, state);
    }
    const again = await rebuildGroup(database.pool, here.hints, { id: jobs[1]!.group_id, sender: 'grace' });
    await here.planner().runOnce();
    const [second] = await jobsOf(again.id);
    assert.deepEqual([second?.target, second?.rebuild_of], ['x86_64-linux', jobs[1]!.group_id]);
    const third = await repeat(second!.id);
    await here.planner().runOnce();
    assert.equal((await jobsOf(third.id))[0]?.rebuild_of, second!.group_id);
    await database.query(
      `update jobs set state = 'CANCEL_COMPLETE', finished_at = slipway_now() where state = 'PENDING'`,
    );
  });

  it('of a deletion builds what was built then, and not what the default branch has become', async () => {
    const { repo, job } = await built({
      event: 'delete',
      action: 'branch',
      ref: 'refs/heads/gone',
      branch: 'gone',
    });
    const { id } = await repeat(job.id);
    await here.planner().runOnce();
    assert.deepEqual(
      (await jobsOf(id)).map(({ vcs_commit }) => vcs_commit),
      [repo.commit],
    );
  });

  it('with the same key is one change, and with a key of another one a conflict', async () => {
    const { job, jobs } = await built({ idempotencyKey: 'push-1' });
    const idempotencyKey = 'again-1';
    const twice = await Promise.all([repeat(job.id, { idempotencyKey }), repeat(job.id, { idempotencyKey })]);
    assert.equal(new Set(twice.map(({ id }) => id)).size, 1);
    const other = repeat(jobs[1]!.id, { idempotencyKey });
    await assert.rejects(other, { code: 'CONFLICT' });
    await assert.rejects(repeat(job.id, { idempotencyKey: 'push-1' }), { code: 'CONFLICT' });
    for (const bad of ['x'.repeat(256), 'a\0b'])
      await assert.rejects(repeat(job.id, { idempotencyKey: bad }), { code: 'VALIDATION_FAILED' });
  });

  it('of what is not built for its target any more says so', async () => {
    const { repo, job } = await built();
    await database.query(`update projects set targets = '{x86_64-linux}' where repo_id = $1`, [repo.id]);
    const { id } = await repeat(job.id);
    await here.planner().runOnce();
    const { state, reason } = await here.look(id);
    assert.deepEqual([state, reason], ['SKIPPED', `${repo.name} is not built for aarch64-linux any more`]);
  });

  it('of nothing is not found', async () => {
    const id = '00000000-0000-4000-8000-000000000000';
    await assert.rejects(repeat(id), { code: 'NOT_FOUND' });
    await assert.rejects(rebuildGroup(database.pool, here.hints, { id, sender: 'x' }), { code: 'NOT_FOUND' });
  });
});
