import assert from 'node:assert/strict';
import { testDatabase } from '../support/database.js';
import { assertSound } from '../support/world/auditor.js';
import { FAILURE, SUCCESS } from '../support/world/simulated-agent.js';
import { testWorld } from '../support/world/world.js';
import type { BuildOutput, BuildResult } from '../../src/protocol/messages.js';

describe('outputs of builds', () => {
  const database = testDatabase();
  const world = testWorld(database);

  /** Runs one build that ends like this; gives its rows. */
  async function run(end: (project: string) => Partial<BuildResult>, base: BuildResult = SUCCESS) {
    const replica = await world.replica();
    const agent = await world.agent(replica);
    const repo = await world.repo();
    const [project] = await database.query<{ name: string }>('select name from projects where id = $1', [
      repo.projectId,
    ]);
    const name = project!.name;
    const group = await world.admit(replica, repo);
    await agent.runNext({ ...base, ...end(name) });
    const [row] = await database.query(
      `select b.status, b.failure_kind, b.error, b.attempted_ident, b.built_ident, j.state, n.built_ident as node_ident,
         coalesce((select json_object_agg(name, value) from build_outputs where build_id = b.id), '{}') as outputs
       from jobs j join builds b on b.job_id = j.id join group_projects n on n.id = j.group_project_id
       where j.group_id = $1`,
      [group.id],
    );
    await assertSound(database);
    return { name, row: row! };
  }

  it('are kept, each name once, whatever becomes of the build', async () => {
    const outputs = [
      { name: 'a', value: '1' },
      { name: 'b', value: '' },
      { name: 'a', value: '2' },
    ];
    assert.deepEqual((await run(() => ({ outputs }))).row.outputs, { a: '2', b: '' });
    assert.deepEqual((await run(() => ({ outputs }), FAILURE)).row.outputs, { a: '2', b: '' });
  });

  it('are cut and never refused', async () => {
    const long = 'x'.repeat(10_000);
    const many = Array.from({ length: 500 }, (_, n): BuildOutput => ({
      name: `${n}\0${long}`,
      value: `\0${long}`,
    }));
    const { row } = await run(() => ({ outputs: many }));
    const entries = Object.entries(row.outputs as Record<string, string>);
    assert.equal(row.state, 'COMPLETE');
    assert.equal(entries.length, 100);
    for (const [name, value] of entries) assert.ok(name.length <= 100 && value.length <= 4_000);
  });

  it('name what was built, which the node then has', async () => {
    const { name, row } = await run((project) => ident(`${project}/1.2.3/20261121`));
    assert.deepEqual(
      [row.state, row.attempted_ident, row.built_ident, row.node_ident],
      ['COMPLETE', ...Array.from({ length: 3 }, () => `${name}/1.2.3/20261121`)],
    );
  });

  it('fail a build that names the package of another project, or none', async () => {
    const others = ['evil/app/1.2.3/1', 'app', '', 'a/b/c/d/e', '../../1/1'];
    for (const other of others) {
      const { name, row } = await run(() => ident(other));
      assert.deepEqual(
        [row.status, row.state, row.failure_kind, row.attempted_ident, row.built_ident, row.node_ident],
        ['FAILURE', 'FAILED', 'IDENT_MISMATCH', other, null, null],
      );
      assert.match(String(row.error), /^package_ident: .* given, expected /);
      if (other === others[0]) assert.ok(String(row.error).includes(name));
    }
  });

  it('build nothing when the build has failed for another reason', async () => {
    const { row } = await run((project) => ident(`${project}/1.2.3/1`), FAILURE);
    assert.deepEqual([row.failure_kind, row.built_ident, row.node_ident], ['STEP_FAILED', null, null]);
  });
});

function ident(value: string): Partial<BuildResult> {
  return { outputs: [{ name: 'package_ident', value }] };
}
