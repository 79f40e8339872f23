import type { BuildLimits, Cgroup, Cgroups } from './cgroups.js';

const NO_CGROUP: Cgroup = {
  entrances: [],
  oomKills: () => Promise.resolve(0),
  kill: () => Promise.resolve(true),
  end: () => Promise.resolve(true),
};

/**
 * The place of cgroups on a machine where this user may make none: nothing is limited, nothing is counted. The sandbox driver
 * limits the user's processes instead, and a sandbox ends with all that is in it anyhow.
 */
export class NoCgroups implements Cgroups {
  readonly notice: string;
  readonly limits: BuildLimits = { memoryBytes: null, pids: null, cpus: null };

  constructor(reason: string) {
    this.notice = `no cgroups (${reason}): memory and CPU time of builds are not limited`;
  }

  open(): Promise<Cgroup> {
    return Promise.resolve(NO_CGROUP);
  }

  endBuild(): Promise<boolean> {
    return Promise.resolve(true);
  }

  clear(): Promise<boolean> {
    return Promise.resolve(true);
  }
}
