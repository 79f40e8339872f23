import type { BuildLimits } from './cgroups.js';

/** A value to be written into a file of a cgroup. */
export interface Setting {
  readonly file: string;
  readonly value: string;
  /** True where not every kernel has the file. */
  readonly isOptional?: boolean;
}

/** One mounted hierarchy of cgroups, and how its version says things. */
export interface Hierarchy {
  /** Directory below which the worker's cgroup is made. */
  readonly base: string;
  /** To be written into each directory from the base to a build's before anything is made below it. */
  readonly openings: readonly Setting[];
  /** What limits a build, as far as this hierarchy has to do with it. */
  settings(limits: BuildLimits): readonly Setting[];
  /** The file that counts processes killed for want of memory on its line `oom_kill`; null where none does. */
  readonly oomFile: string | null;
  /** Holds all processes still while they are killed; null where nothing does. */
  readonly freezer: { readonly freeze: Setting; readonly thaw: Setting } | null;
  /** Kills all processes at once; null where nothing does. */
  readonly killer: Setting | null;
}

const CPU_PERIOD_US = 100_000;

/** The one hierarchy of version 2, or what stands in the place of it. */
export function hierarchyV2(base: string): Hierarchy {
  const on = (controller: string): Setting => ({ file: 'cgroup.subtree_control', value: `+${controller}` });
  return {
    base,
    openings: [on('memory'), on('pids'), on('cpu')],
    settings: ({ memoryBytes, pids, cpus }) => [
      ...(memoryBytes === null ? [] : memoryV2(memoryBytes)),
      ...(pids === null ? [] : [{ file: 'pids.max', value: String(pids) }]),
      ...(cpus === null ? [] : [{ file: 'cpu.max', value: `${quotaOf(cpus)} ${CPU_PERIOD_US}` }]),
    ],
    oomFile: 'memory.events',
    freezer: {
      freeze: { file: 'cgroup.freeze', value: '1' },
      thaw: { file: 'cgroup.freeze', value: '0' },
    },
    killer: { file: 'cgroup.kill', value: '1', isOptional: true },
  };
}

/** A hierarchy of version 1 with its controllers, of which those that builds are limited by count. */
export function hierarchyV1(base: string, controllers: readonly string[]): Hierarchy {
  const has = (name: string): boolean => controllers.includes(name);
  return {
    base,
    openings: has('memory') ? [{ file: 'memory.use_hierarchy', value: '1', isOptional: true }] : [],
    settings: ({ memoryBytes, pids, cpus }) => [
      ...(has('memory') && memoryBytes !== null ? memoryV1(memoryBytes) : []),
      ...(has('pids') && pids !== null ? [{ file: 'pids.max', value: String(pids) }] : []),
      ...(has('cpu') && cpus !== null ? cpuV1(cpus) : []),
    ],
    oomFile: has('memory') ? 'memory.oom_control' : null,
    freezer: has('freezer')
      ? {
          freeze: { file: 'freezer.state', value: 'FROZEN' },
          thaw: { file: 'freezer.state', value: 'THAWED' },
        }
      : null,
    killer: null,
  };
}

/** Swapping instead of being killed would only take longer, and slow the machine down. */
function memoryV2(bytes: number): Setting[] {
  return [
    { file: 'memory.max', value: String(bytes) },
    { file: 'memory.swap.max', value: '0', isOptional: true },
  ];
}

/** The limit of memory and swap together must not be below that of memory: it is set second. */
function memoryV1(bytes: number): Setting[] {
  return [
    { file: 'memory.limit_in_bytes', value: String(bytes) },
    { file: 'memory.memsw.limit_in_bytes', value: String(bytes), isOptional: true },
  ];
}

function cpuV1(cpus: number): Setting[] {
  return [
    { file: 'cpu.cfs_period_us', value: String(CPU_PERIOD_US) },
    { file: 'cpu.cfs_quota_us', value: String(quotaOf(cpus)) },
  ];
}

function quotaOf(cpus: number): number {
  return Math.round(cpus * CPU_PERIOD_US);
}
