import { join } from 'node:path';
import type { Clock } from '../../base/clock.js';
import { applySettings, countIn, makeCgroup } from './cgroup-files.js';
import type { BuildLimits, Cgroup, Cgroups } from './cgroups.js';
import { type Branch, killCgroup, removeBranches } from './end-cgroup.js';
import type { Hierarchy } from './hierarchy.js';

/** What a tree of cgroups is made of. */
export interface CgroupTreeOptions {
  readonly hierarchies: readonly Hierarchy[];
  /** Name of the worker's cgroup, the same for each of its agents. */
  readonly name: string;
  readonly limits: BuildLimits;
  readonly notice: string;
  readonly clock: Clock;
}

/** The cgroups of a worker in the file system of the kernel: `<base>/<worker>/<build>/<part>` in each hierarchy. */
export class CgroupTree implements Cgroups {
  readonly notice: string;
  readonly limits: BuildLimits;
  readonly #options: CgroupTreeOptions;

  constructor(options: CgroupTreeOptions) {
    this.#options = options;
    this.notice = options.notice;
    this.limits = options.limits;
  }

  async open(build: string, part: string): Promise<Cgroup> {
    const branches = this.#branches(build, part);
    for (const { hierarchy, directory } of branches) await this.#make(hierarchy, { build, directory });
    const { clock } = this.#options;
    const kill = (): Promise<boolean> => killCgroup(branches, clock);
    return {
      entrances: branches.map(({ directory }) => join(directory, 'cgroup.procs')),
      oomKills: () => oomKillsOf(branches),
      kill,
      end: async () => (await kill()) && removeBranches(branches, clock),
    };
  }

  endBuild(build: string): Promise<boolean> {
    return this.#end(this.#branches(build));
  }

  clear(): Promise<boolean> {
    return this.#end(this.#branches());
  }

  async #end(branches: readonly Branch[]): Promise<boolean> {
    const { clock } = this.#options;
    return (await killCgroup(branches, clock)) && removeBranches(branches, clock);
  }

  /** What a cgroup offers to those below it has to be opened level by level, from above. */
  async #make(
    hierarchy: Hierarchy,
    part: { readonly build: string; readonly directory: string },
  ): Promise<void> {
    const { name, limits } = this.#options;
    const worker = join(hierarchy.base, name);
    const build = join(worker, part.build);
    await applySettings(hierarchy.base, hierarchy.openings);
    for (const directory of [worker, build]) {
      await makeCgroup(directory);
      await applySettings(directory, hierarchy.openings);
    }
    await applySettings(build, hierarchy.settings(limits));
    await makeCgroup(part.directory);
  }

  #branches(...parts: readonly string[]): Branch[] {
    const { hierarchies, name } = this.#options;
    return hierarchies.map((hierarchy) => ({ hierarchy, directory: join(hierarchy.base, name, ...parts) }));
  }
}

async function oomKillsOf(branches: readonly Branch[]): Promise<number> {
  let kills = 0;
  for (const { hierarchy, directory } of branches) {
    if (hierarchy.oomFile !== null) kills += await countIn(join(directory, hierarchy.oomFile), 'oom_kill');
  }
  return kills;
}
