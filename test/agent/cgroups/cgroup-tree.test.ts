import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CgroupTree } from '../../../src/agent/cgroups/cgroup-tree.js';
import type { BuildLimits, Cgroup } from '../../../src/agent/cgroups/cgroups.js';
import { type Hierarchy, hierarchyV1, hierarchyV2 } from '../../../src/agent/cgroups/hierarchy.js';
import { parseMountinfo } from '../../../src/agent/cgroups/mounted-hierarchies.js';
import { systemClock } from '../../../src/base/clock.js';
import { isAlive, spawnProcess, type TestProcess } from '../../support/processes.js';
import { skipBecause } from '../../support/skip.js';

const UNLIMITED: BuildLimits = { memoryBytes: null, pids: null, cpus: null };
const mounted =
  process.platform === 'linux' ? parseMountinfo(readFileSync('/proc/self/mountinfo', 'utf8')) : [];
const unified = mounted.find(({ version }) => version === 2)?.path;

// The kernel's own cgroups. Killing and freezing are there in every hierarchy; limits only where its controllers are.
describe('CgroupTree', () => {
  const trees: CgroupTree[] = [];

  afterEach(async () => {
    for (const tree of trees.splice(0)) assert.ok(await tree.clear());
  });

  for (const version of [1, 2] as const) {
    describe(`in version ${version}`, () => {
      before(function () {
        if (process.getuid?.() !== 0) skipBecause('needs root', this);
        if (plainHierarchies(version).length === 0) skipBecause(`needs cgroups of version ${version}`, this);
      });

      it('kills what has left its parent and its session, and is gone', async () => {
        const tree = treeOf(plainHierarchies(version));
        const cgroup = await tree.open(randomUUID(), 'step-1');
        const shell = await enter(cgroup, `setsid sh -c 'sleep 300 & echo $!; sleep 300' & wait`);
        const [daemon] = await shell.waitForLine(/^\d+$/m);
        assert.ok(await cgroup.end());
        await shell.exit;
        assert.equal(isAlive(Number(daemon)), false);
        assert.equal(existsSync(directoryOf(cgroup)), false);
      });

      it('ends all parts of a build, and no other build', async () => {
        const tree = treeOf(plainHierarchies(version));
        const [ended, other] = [randomUUID(), randomUUID()];
        const shells = [
          await enter(await tree.open(ended, 'clone'), 'sleep 300'),
          await enter(await tree.open(ended, 'step-1'), 'sleep 300'),
        ];
        const neighbour = await enter(await tree.open(other, 'step-1'), 'sleep 300');
        assert.ok(await tree.endBuild(ended));
        for (const shell of shells) assert.equal((await shell.exit).signal, 'SIGKILL');
        assert.ok(neighbour.isRunning);
      });

      it('finds what an earlier agent of the worker has left', async () => {
        const name = `slipway-test-${randomUUID()}`;
        const earlier = treeOf(plainHierarchies(version), { name });
        const shell = await enter(await earlier.open(randomUUID(), 'step-1'), 'sleep 300');
        assert.ok(await treeOf(plainHierarchies(version), { name }).clear());
        assert.equal((await shell.exit).signal, 'SIGKILL');
      });

      it('holds a build to its memory, and says that it did', async function () {
        const hierarchies = limitingHierarchies(version);
        if (hierarchies.length === 0) skipBecause(`needs the controller memory in version ${version}`, this);
        const tree = treeOf(hierarchies, { limits: { ...UNLIMITED, memoryBytes: 64 * 2 ** 20 } });
        const cgroup = await tree.open(randomUUID(), 'step-1');
        const glutton = `exec ${process.execPath} -e "Buffer.alloc(256 * 2 ** 20, 1)"`;
        const { signal } = await (await enter(cgroup, glutton)).exit;
        assert.equal(signal, 'SIGKILL');
        assert.ok((await cgroup.oomKills()) > 0);
      });
    });
  }

  function treeOf(
    hierarchies: readonly Hierarchy[],
    { name = `slipway-test-${randomUUID()}`, limits = UNLIMITED } = {},
  ): CgroupTree {
    const tree = new CgroupTree({ hierarchies, name, limits, notice: '', clock: systemClock });
    trees.push(tree);
    return tree;
  }
});

/** Enough for killing and freezing, whatever controllers there are. */
function plainHierarchies(version: 1 | 2): readonly Hierarchy[] {
  if (version === 1) return limitingHierarchies(1);
  return unified === undefined ? [] : [{ ...hierarchyV2(unified), openings: [], settings: () => [] }];
}

function limitingHierarchies(version: 1 | 2): readonly Hierarchy[] {
  if (version === 1) {
    return mounted
      .filter(({ controllers }) => controllers.some((name) => ['memory', 'freezer'].includes(name)))
      .map(({ path, controllers }) => hierarchyV1(path, controllers));
  }
  if (unified === undefined) return [];
  const controllers = readFileSync(join(unified, 'cgroup.controllers'), 'utf8').trim().split(' ');
  return ['memory', 'pids', 'cpu'].every((name) => controllers.includes(name)) ? [hierarchyV2(unified)] : [];
}

/** Runs a shell in a cgroup; resolves once it is there. */
async function enter(cgroup: Cgroup, script: string): Promise<TestProcess> {
  const joins = cgroup.entrances.map((path) => `echo $$ > ${path}`);
  const shell = await spawnProcess('sh', ['-ec', [...joins, 'echo in', script].join('\n')]);
  await shell.waitForLine(/^in$/);
  return shell;
}

function directoryOf({ entrances: [entrance = ''] }: Cgroup): string {
  return join(entrance, '..');
}
