import assert from 'node:assert/strict';
import { renameSync } from 'node:fs';
import { deferred } from '../../src/base/deferred.js';
import type { AdmitGroups } from '../../src/planner/index.js';
import { claimChanges } from '../../src/changes/index.js';
import { parseCompiled } from '../../src/pipeline/index.js';
import { scratchDir } from '../repos/scratch-repo.js';
import { advance, testDatabase } from '../support/database.js';
import { Installation, watch } from './installation.js';

const PIPELINE = 'steps:\n  - name: build\n    commands: [make]\n';

describe('Planner', () => {
  const database = testDatabase();
  const scratch = scratchDir();
  let here: Installation;

  before(() => {
    here = new Installation(database, scratch.path);
  });
  after(() => here.close());

  async function jobsOf(
    change: string,
  ): Promise<{ vcs_commit: string; vcs_ref: string | null; target: string }[]> {
    return database.query(
      `select vcs_commit, vcs_ref, jobs.target from jobs join groups on groups.id = group_id where change_id = $1`,
      [change],
    );
  }

  it('makes a job of a push, and notes what it resolved', async () => {
    const repo = await here.repo({ '.slipway.yml': PIPELINE });
    const change = await here.change(repo.name);
    await here.planner().runOnce();
    const { state, commit_sha, ref, branch } = await here.look(change);
    assert.deepEqual(
      { state, commit_sha, ref, branch },
      { state: 'PLANNED', commit_sha: repo.commit, ref: 'refs/heads/main', branch: 'main' },
    );
    const jobs = await jobsOf(change);
    assert.deepEqual(
      jobs.map(({ vcs_commit, vcs_ref }) => [vcs_commit, vcs_ref]),
      [[repo.commit, 'refs/heads/main']],
    );
  });

  it('plans as soon as it is told of a change', async () => {
    const repo = await here.repo({ '.slipway.yml': PIPELINE });
    const planner = here.planner({ intervalMs: 600_000 });
    planner.start();
    const change = await here.change(repo.name);
    await here.updated(change);
    assert.equal((await here.look(change)).state, 'PLANNED');
    await planner.stop();
  });

  it('gives jobs the target and the labels that the pipeline asks for, and the trust of the change', async () => {
    const worker = 'worker: { target: aarch64-linux, labels: { gpu: "true" } }\n';
    const repo = await here.repo({ '.slipway.yml': worker + PIPELINE });
    const change = await here.change(repo.name, { fromFork: true });
    await here.planner().runOnce();
    const group = here.admitted.find(({ changeId }) => changeId === change);
    assert.equal(group?.target, 'aarch64-linux');
    assert.equal(group?.trusted, false);
    assert.deepEqual(group?.nodes[0]?.requirements, { gpu: 'true' });
  });

  it('gives jobs the shorter of the times of repo and pipeline, and secrets the repo of the change', async () => {
    const times: readonly [string, number][] = [
      ['', 1_800_000],
      ['timeout: 90s\n', 90_000],
      ['timeout: 2h\n', 1_800_000],
    ];
    for (const [timeout, timeoutMs] of times) {
      const repo = await here.repo({ '.slipway.yml': `${timeout}${PIPELINE}    secrets: [token]\n` });
      const change = await here.change(repo.name);
      await here.planner().runOnce();
      const [job] = await database.query<{ timeout_ms: number; body: string }>(
        `select jobs.timeout_ms, body from jobs join groups on groups.id = group_id
         join job_specs on sha256 = jobs.spec_sha256 where change_id = $1`,
        [change],
      );
      assert.equal(job?.timeout_ms, timeoutMs);
      const { secrets } = parseCompiled(job.body);
      assert.deepEqual(secrets, [{ name: 'token', type: 'repo', key: `${repo.name}/token` }]);
    }
  });

  it('judges rules by branch, tag, target, comment, sender, label and the paths that git finds', async () => {
    const step = (name: string, rule: string): string =>
      `  - { name: ${name}, commands: [x], ruleset: { ${rule} } }\n`;
    const rules = [
      step('branch', 'branch: feature/*'),
      step('path', 'path: docs/**'),
      step('sender', 'sender: ada'),
      step('label', 'label: urgent'),
      step('target', 'target: production'),
      step('comment', 'comment: "deploy *"'),
      step('tag', 'tag: v*'),
      step('repo', 'repo: org/*'),
    ];
    const repo = await here.repo({ '.slipway.yml': `steps:\n${rules.join('')}` });
    repo.remote.git('checkout', '--quiet', '-b', 'feature/x');
    repo.remote.commit({ 'docs/a.md': 'a' });
    const input = { event: 'pull_request', branch: 'feature/x', sender: 'ada', labels: ['urgent'] };
    const rest = { target: 'production', comment: 'deploy it', tag: 'v1', ref: 'refs/heads/feature/x' };
    await here.change(repo.name, { ...input, ...rest });
    await here.planner().runOnce();
    const spec = here.admitted.at(-1)?.nodes[0]?.spec ?? '{}';
    const { steps } = JSON.parse(spec) as { steps: { name: string }[] };
    assert.deepEqual(
      steps.map(({ name }) => name),
      ['branch', 'path', 'sender', 'label', 'target', 'comment', 'tag', 'repo'],
    );
  });

  it('skips a change of which the rules leave nothing, and says why', async () => {
    const repo = await here.repo({ '.slipway.yml': `${PIPELINE}    ruleset: { event: tag }\n` });
    const change = await here.change(repo.name);
    await here.planner().runOnce();
    const { state, reason, commit_sha } = await here.look(change);
    assert.deepEqual([state, commit_sha], ['SKIPPED', repo.commit]);
    assert.match(reason ?? '', /no step is left after the rules; build: .*tag/);
    assert.deepEqual(await jobsOf(change), []);
  });

  it('skips the changes of a repo that is not active', async () => {
    const repo = await here.repo({ '.slipway.yml': PIPELINE });
    await database.query('update repos set active = false where id = $1', [repo.id]);
    const change = await here.change(repo.name);
    await here.planner().runOnce();
    const { state, reason } = await here.look(change);
    assert.deepEqual([state, reason], ['SKIPPED', 'the repo is not active']);
  });

  it('fails a change without a pipeline file, and says where one is expected', async () => {
    const repo = await here.repo({ a: 'a' });
    const change = await here.change(repo.name);
    await here.planner().runOnce();
    const { state, error } = await here.look(change);
    assert.equal(state, 'FAILED');
    assert.equal(error?.code, 'PIPELINE_MISSING');
    assert.match(error?.message ?? '', /expected one of .slipway.yml, .vela.yml, .vela.yaml/);
  });

  it('fails a change with a broken pipeline file, with the place of every problem', async () => {
    const repo = await here.repo({ '.slipway.yml': 'steps:\n  - name: a\n    comands: [x]\n  - name: 7\n' });
    const change = await here.change(repo.name);
    await here.planner().runOnce();
    const { state, error } = await here.look(change);
    assert.equal(state, 'FAILED');
    assert.equal(error?.code, 'PIPELINE_INVALID');
    const typo = error?.problems.find(({ key }) => key.includes('comands') || key === 'steps[0]');
    assert.deepEqual([typo?.file, typo?.line, typo?.column], ['.slipway.yml', 3, 5]);
    assert.ok((typo?.expected ?? '') !== '');
    assert.ok(error.problems.length > 1, 'all of them');
  });

  it('takes a pipeline file with any bytes in it for what it is', async () => {
    const repo = await here.repo({
      '.slipway.yml': 'steps:\n  - name: "a\\0b\\uD800"\n    comands: ["\\0"]\n',
    });
    const nul = await here.change(repo.name);
    const { remote, name } = await here.repo({ '.vela.yml': 'x' });
    remote.git('mv', '.vela.yml', 'x');
    remote.link('.slipway.yml', '/etc/hostname');
    const link = await here.change(name);
    await here.planner().runOnce();
    assert.equal((await here.look(nul)).error?.code, 'PIPELINE_INVALID');
    assert.equal((await here.look(link)).error?.code, 'PIPELINE_UNREADABLE');
  });

  it('reads Vela’s file where there is none of ours', async () => {
    const repo = await here.repo({
      '.vela.yml': `version: "1"\n${PIPELINE.replace('name: build', 'name: build\n    image: a')}`,
    });
    const change = await here.change(repo.name);
    await here.planner().runOnce();
    const { state, error } = await here.look(change);
    assert.equal(state, 'PLANNED', JSON.stringify(error));
  });

  it('fails a change of which Vela’s file leaves something that cannot run yet, and only then', async () => {
    const rule = '    ruleset: { event: push }\n';
    const plugin = `  - name: publish\n    image: kaniko\n${rule}`;
    const repo = await here.repo({ '.vela.yml': PIPELINE + plugin });
    const [push, manual] = [await here.change(repo.name), await here.change(repo.name, { event: 'manual' })];
    await here.planner().runOnce();
    const { error } = await here.look(push);
    assert.equal(error?.code, 'PIPELINE_INVALID');
    assert.deepEqual(
      error.problems.map(({ line, key }) => [line, key]),
      [[4, 'steps[1].commands']],
    );
    assert.equal((await here.look(manual)).state, 'PLANNED');
  });

  it('fails a change whose branch or commit is not there', async () => {
    const repo = await here.repo({ '.slipway.yml': PIPELINE });
    const branch = await here.change(repo.name, { branch: 'none' });
    const commit = await here.change(repo.name, { commit: '1'.repeat(40) });
    await here.planner().runOnce();
    assert.equal((await here.look(branch)).error?.code, 'UNKNOWN_REF');
    assert.equal((await here.look(commit)).error?.code, 'UNKNOWN_COMMIT');
  });

  it('takes the default branch’s pipeline file for comments and deletions', async () => {
    const repo = await here.repo({ '.slipway.yml': PIPELINE });
    repo.remote.git('checkout', '--quiet', '-b', 'evil');
    const evil = repo.remote.commit({ '.slipway.yml': 'steps: [{ name: evil, commands: [x] }]' });
    repo.remote.git('update-ref', 'refs/pull/3/head', evil);
    repo.remote.git('checkout', '--quiet', 'main');
    const comment = await here.change(repo.name, {
      event: 'comment',
      ref: 'refs/pull/3/head',
      comment: 'ok',
    });
    const deletion = await here.change(repo.name, {
      event: 'delete',
      action: 'branch',
      ref: 'refs/heads/gone',
    });
    await here.planner().runOnce();
    const planned = (change: string): string =>
      here.admitted.find(({ changeId }) => changeId === change)!.nodes[0]!.spec;
    assert.match(planned(comment), /"build"/);
    assert.doesNotMatch(planned(comment), /"evil"/);
    assert.equal((await jobsOf(comment))[0]?.vcs_commit, evil);
    assert.equal((await jobsOf(deletion))[0]?.vcs_commit, repo.commit);
  });

  it('tries an unreachable repo again, later and later, until the deadline of the change', async () => {
    const repo = await here.repo({ '.slipway.yml': PIPELINE });
    renameSync(repo.remote.path, `${repo.remote.path}.away`);
    const change = await here.change(repo.name);
    const planner = here.planner({ backoff: { initialS: 60, factor: 10, maxS: 36_000 } });
    assert.equal(await planner.runOnce(), 1);
    const { state, reason } = await here.look(change);
    assert.equal(state, 'RECEIVED');
    assert.match(
      reason ?? '',
      /waiting for another try: git failed: .*does not appear to be a git repository/,
    );
    assert.equal(await planner.runOnce(), 0);
    for (const interval of ['61 seconds', '601 seconds', '6001 seconds']) {
      await advance(database, interval);
      assert.equal(await planner.runOnce(), 1, interval);
      assert.equal((await here.look(change)).state, 'RECEIVED', interval);
    }
    await advance(database, '20 hours');
    assert.equal(await planner.runOnce(), 1);
    const end = await here.look(change);
    assert.deepEqual([end.state, end.error?.code, end.reason], ['FAILED', 'REPO_UNREACHABLE', null]);
  });

  it('plans once the repo is back', async () => {
    const repo = await here.repo({ '.slipway.yml': PIPELINE });
    renameSync(repo.remote.path, `${repo.remote.path}.away`);
    const change = await here.change(repo.name);
    const planner = here.planner();
    await planner.runOnce();
    renameSync(`${repo.remote.path}.away`, repo.remote.path);
    await advance(database, '6 seconds');
    await planner.runOnce();
    const { state, reason, attempts } = await here.look(change);
    assert.deepEqual([state, attempts], ['PLANNED', 2]);
    assert.equal(reason, null, 'what it waited for is over');
  });

  it('plans each of 50 changes once when two planners race', async () => {
    const repo = await here.repo({ '.slipway.yml': PIPELINE });
    const changes = await Promise.all(Array.from({ length: 50 }, () => here.change(repo.name)));
    const before = here.admitted.length;
    const planners = [here.planner(), here.planner()];
    const drain = async (planner: (typeof planners)[number]): Promise<number> => {
      let sum = 0;
      for (let n = await planner.runOnce(); n > 0; n = await planner.runOnce()) sum += n;
      return sum;
    };
    const [one = 0, two = 0] = await Promise.all(planners.map(drain));
    assert.equal(one + two, 50);
    assert.ok(one > 0 && two > 0, `${one} and ${two}`);
    assert.equal(here.admitted.length - before, 50);
    const rows = await database.query(
      `select c.id from changes c join groups g on g.change_id = c.id join jobs j on j.group_id = g.id
       where c.id = any($1) and c.state = 'PLANNED' and c.attempts = 1`,
      [changes],
    );
    assert.equal(rows.length, 50);
  });

  it('takes over what a killed planner left behind, when its lease ends and not before', async () => {
    const repo = await here.repo({ '.slipway.yml': PIPELINE });
    const change = await here.change(repo.name);
    // What a planner does first, and then nothing more.
    await claimChanges(database.pool, { limit: 10, leaseMs: 30_000 });
    const planner = here.planner();
    assert.equal(await planner.runOnce(), 0);
    await advance(database, '31 seconds');
    assert.equal(await planner.runOnce(), 1);
    const { state, attempts } = await here.look(change);
    assert.deepEqual([state, attempts], ['PLANNED', 2]);
  });

  it('does not write over what another planner took and decided', async () => {
    const repo = await here.repo({ '.slipway.yml': PIPELINE });
    const change = await here.change(repo.name);
    const reached = deferred<void>();
    const released = deferred<void>();
    const stuck: AdmitGroups = async () => {
      reached.resolve();
      await released.promise;
      throw new Error('the connection was lost');
    };
    const slow = here.planner({ admitGroups: stuck });
    const running = slow.runOnce();
    await reached.promise;
    await advance(database, '31 seconds');
    await here.planner().runOnce();
    released.resolve();
    await running;
    assert.equal((await here.look(change)).state, 'PLANNED');
    assert.equal((await jobsOf(change)).length, 1);
  });

  it('asks for the same groups again after a crash between admission and answer', async () => {
    const repo = await here.repo({ '.slipway.yml': PIPELINE });
    const change = await here.change(repo.name);
    const forgetful: AdmitGroups = (groups) => {
      here.admitted.push(...groups);
      return Promise.reject(new Error('lost'));
    };
    await here.planner({ admitGroups: forgetful }).runOnce();
    assert.equal((await here.look(change)).state, 'RECEIVED');
    await advance(database, '10 seconds');
    await here.planner().runOnce();
    const ids = here.admitted.filter(({ changeId }) => changeId === change).map(({ id }) => id);
    assert.equal(ids.length, 2);
    assert.equal(new Set(ids).size, 1);
  });

  it('renews its lease while it works', async () => {
    const repo = await here.repo({ '.slipway.yml': PIPELINE });
    const reached = deferred<void>();
    const released = deferred<void>();
    const slow: AdmitGroups = async (groups) => {
      reached.resolve();
      await released.promise;
      return here.admit(groups);
    };
    const renewed = deferred<void>();
    const db = watch(database, /set lease_until/, () => renewed.resolve());
    const planner = here.planner({ admitGroups: slow, leaseMs: 300, db });
    planner.start();
    const change = await here.change(repo.name);
    await reached.promise;
    await renewed.promise;
    const updated = here.updated(change);
    released.resolve();
    await updated;
    assert.equal((await here.look(change)).state, 'PLANNED');
    await planner.stop();
  });

  it('gives back at once what it was resolving when it stops', async () => {
    const repo = await here.repo({ '.slipway.yml': PIPELINE });
    const change = await here.change(repo.name);
    const { planner, compiling } = here.endlessPlanner();
    const running = planner.runOnce();
    await compiling;
    await planner.stop();
    await running;
    assert.equal((await here.look(change)).state, 'RECEIVED');
    assert.equal(await here.planner().runOnce(), 1);
    assert.equal((await here.look(change)).state, 'PLANNED');
  });

  it('lets go of a change that another planner took', async () => {
    const repo = await here.repo({ '.slipway.yml': PIPELINE });
    const change = await here.change(repo.name);
    const { planner, compiling } = here.endlessPlanner({ leaseMs: 300 });
    const running = planner.runOnce();
    await compiling;
    await advance(database, '1 second');
    await here.planner().runOnce();
    planner.start();
    assert.equal(await running, 1);
    assert.equal((await here.look(change)).state, 'PLANNED');
    await planner.stop();
  });

  it('gives up a resolution that takes longer than planning may', async () => {
    const repo = await here.repo({ '.slipway.yml': PIPELINE });
    const change = await here.change(repo.name);
    await here.planner({ planningMs: 1 }).runOnce();
    const { state, error } = await here.look(change);
    assert.deepEqual([state, error?.code], ['FAILED', 'PLAN_TIMEOUT']);
  });

  it('ends a change that has made planners silent until its deadline', async () => {
    const repo = await here.repo({ '.slipway.yml': PIPELINE });
    const change = await here.change(repo.name);
    await claimChanges(database.pool, { limit: 10, leaseMs: 30_000 });
    await advance(database, '25 hours');
    await here.planner().runOnce();
    const { state, error } = await here.look(change);
    assert.deepEqual([state, error?.code], ['FAILED', 'PLAN_TIMEOUT']);
  });
});
