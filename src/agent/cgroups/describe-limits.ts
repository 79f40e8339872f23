import type { BuildLimits } from './cgroups.js';

/** What each build may use, for people. */
export function describeLimits({ memoryBytes, pids, cpus }: BuildLimits): string {
  const limits = [
    memoryBytes === null ? 'memory without limit' : `${describeBytes(memoryBytes)} of memory`,
    pids === null ? 'processes without limit' : `${pids} processes`,
    cpus === null ? 'all CPUs' : `${cpus} CPUs`,
  ];
  return `${limits.join(', ')} for each build`;
}

/** A size as people say it: 256 MiB. */
export function describeBytes(bytes: number): string {
  const mebibytes = bytes / 2 ** 20;
  return mebibytes >= 1024 ? `${Math.round(mebibytes / 102.4) / 10} GiB` : `${Math.round(mebibytes)} MiB`;
}
