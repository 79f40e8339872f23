import { join } from 'node:path';
import type { Clock } from '../../base/clock.js';
import { signalProcess } from '../executor/signals.js';
import { applySettings, processesOf, readOr, removeCgroup, subtreeOf } from './cgroup-files.js';
import type { Hierarchy, Setting } from './hierarchy.js';

const PAUSE_MS = 5;
/** Killed processes are gone at once unless the kernel holds them; a fork bomb takes a few rounds. */
const ROUNDS = 1_000;
const FREEZE_ROUNDS = 20;

/** The directories that are one cgroup: one in each hierarchy. */
export interface Branch {
  readonly hierarchy: Hierarchy;
  readonly directory: string;
}

/** Kills every process in a cgroup and below it. True once none is left. */
export async function killCgroup(branches: readonly Branch[], clock: Clock): Promise<boolean> {
  for (let round = 0; round < ROUNDS; round += 1) {
    let isEmpty = true;
    for (const branch of branches) {
      for (const directory of await subtreeOf(branch.directory)) {
        if (await killDirectory(branch.hierarchy, directory, clock)) isEmpty = false;
      }
    }
    if (isEmpty) return true;
    await clock.sleep(PAUSE_MS);
  }
  return false;
}

/** Removes a cgroup with all below it, once nothing runs in it. True when it is gone. */
export async function removeBranches(branches: readonly Branch[], clock: Clock): Promise<boolean> {
  for (let round = 0; round < ROUNDS; round += 1) {
    if (await removeOnce(branches)) return true;
    await clock.sleep(PAUSE_MS);
  }
  return false;
}

async function removeOnce(branches: readonly Branch[]): Promise<boolean> {
  for (const { directory } of branches) {
    for (const one of await subtreeOf(directory)) if (!(await removeCgroup(one))) return false;
  }
  return true;
}

/**
 * False when the directory was empty. Processes are held still while they are killed, so that none can start another
 * one between the list and the signal.
 */
async function killDirectory(
  { freezer, killer }: Hierarchy,
  directory: string,
  clock: Clock,
): Promise<boolean> {
  if ((await processesOf(directory)).length === 0) return false;
  if (killer) await applyIfThere(directory, killer);
  if (freezer) await freeze(directory, freezer.freeze, clock);
  for (const pid of await processesOf(directory)) signalProcess(pid, 'SIGKILL');
  if (freezer) await applyIfThere(directory, freezer.thaw);
  return true;
}

/** A process that the kernel holds cannot be frozen: it is not waited for long. */
async function freeze(directory: string, setting: Setting, clock: Clock): Promise<void> {
  await applyIfThere(directory, setting);
  for (let round = 0; round < FREEZE_ROUNDS; round += 1) {
    if ((await readOr(join(directory, setting.file), setting.value)).trim() === setting.value) return;
    await clock.sleep(1);
  }
}

/** Between two looks a cgroup may have ended. */
async function applyIfThere(directory: string, setting: Setting): Promise<void> {
  await applySettings(directory, [{ ...setting, isOptional: true }]);
}
