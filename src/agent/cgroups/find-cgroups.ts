import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../base/clock.js';
import { readOr } from './cgroup-files.js';
import { CgroupTree } from './cgroup-tree.js';
import { describeLimits } from './describe-limits.js';
import type { BuildLimits, Cgroups } from './cgroups.js';
import { type Hierarchy, hierarchyV1, hierarchyV2 } from './hierarchy.js';
import { type MountedHierarchy, parseMountinfo, parseOwnCgroup } from './mounted-hierarchies.js';
import { NoCgroups } from './no-cgroups.js';

/** Which cgroups are wanted. */
export interface CgroupWish {
  /** The agent's state directory: agents of the same worker find each other's cgroups by it. */
  readonly stateDir: string;
  readonly limits: BuildLimits;
  readonly clock: Clock;
}

/** Without one of these a limit would be said and not kept. */
const NEEDED = ['memory', 'pids'];
const USED_V1 = ['memory', 'pids', 'cpu', 'freezer'];

/**
 * The cgroups that this machine lets this user make: version 2 where it has the controllers, otherwise version 1,
 * otherwise none, with the reason in their notice. What an earlier agent of the worker has left stays: see `clear`.
 */
export async function findCgroups(wish: CgroupWish): Promise<Cgroups> {
  if (process.platform !== 'linux') return new NoCgroups(`${process.platform} has none`);
  const mounted = parseMountinfo(await readFile('/proc/self/mountinfo', 'utf8'));
  const found = (await findV2(mounted)) ?? findV1(mounted);
  if (!found) return new NoCgroups('the controllers memory and pids are not there');
  const { version, hierarchies } = found;
  const notice = `cgroups v${version}: ${describeLimits(wish.limits)}`;
  const tree = new CgroupTree({ ...wish, hierarchies, name: nameOf(wish.stateDir), notice });
  return (await isUsable(tree)) ?? tree;
}

interface Found {
  readonly version: 1 | 2;
  readonly hierarchies: readonly Hierarchy[];
}

/** As root below the root, where they are found again whatever starts the agent; otherwise in what was delegated. */
async function findV2(mounted: readonly MountedHierarchy[]): Promise<Found | null> {
  const unified = mounted.find(({ version }) => version === 2);
  if (!unified) return null;
  const own = process.getuid?.() === 0 ? '/' : parseOwnCgroup(await readFile('/proc/self/cgroup', 'utf8'));
  const base = join(unified.path, own);
  const controllers = (await readOr(join(base, 'cgroup.controllers'), '')).trim().split(' ');
  if (!NEEDED.every((name) => controllers.includes(name))) return null;
  return { version: 2, hierarchies: [hierarchyV2(base)] };
}

function findV1(mounted: readonly MountedHierarchy[]): Found | null {
  const used = mounted.filter(({ controllers }) => controllers.some((name) => USED_V1.includes(name)));
  const has = (name: string): boolean => used.some(({ controllers }) => controllers.includes(name));
  if (!NEEDED.every(has)) return null;
  return { version: 1, hierarchies: used.map(({ path, controllers }) => hierarchyV1(path, controllers)) };
}

/** Only making one shows whether this user may. */
async function isUsable(tree: CgroupTree): Promise<NoCgroups | null> {
  try {
    await tree.open('probe', 'probe');
    await tree.endBuild('probe');
    return null;
  } catch (error) {
    return new NoCgroups(error instanceof Error ? error.message : String(error));
  }
}

function nameOf(stateDir: string): string {
  return `slipway-${createHash('sha256').update(stateDir).digest('hex').slice(0, 12)}`;
}
