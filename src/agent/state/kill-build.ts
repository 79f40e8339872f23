import type { Clock } from '../../base/clock.js';
import { signalGroup, signalProcess } from '../executor/signals.js';
import type { BuildRecord } from './build-ledger.js';
import { markedProcesses } from './marked-processes.js';
import { startOf } from './process-start.js';

const PAUSE_MS = 20;
/** A killed process is gone at once unless the kernel holds it (a dead network file system). */
const ROUNDS = 100;

/**
 * Kills everything that still runs of a build: the groups on record, if their leaders are still the same processes,
 * and whatever carries the build's mark. True once nothing is left; false when something could not be killed.
 */
export async function killBuild(record: BuildRecord, clock: Clock): Promise<boolean> {
  for (const { pid, start } of record.groups) {
    if ((await startOf(pid)) === start) signalGroup(pid, 'SIGKILL');
  }
  for (let round = 0; round < ROUNDS; round += 1) {
    const pids = await livingOf(record);
    if (pids.length === 0) return true;
    for (const pid of pids) signalProcess(pid, 'SIGKILL');
    await clock.sleep(PAUSE_MS);
  }
  return false;
}

async function livingOf({ build, groups }: BuildRecord): Promise<number[]> {
  const marked = await markedProcesses(build);
  const starts = await Promise.all([...new Set([...marked, ...groups.map(({ pid }) => pid)])].map(withStart));
  const isLeader = (pid: number, start: string): boolean =>
    groups.some((group) => group.pid === pid && group.start === start);
  return starts
    .filter(({ pid, start }) => start !== undefined && (marked.includes(pid) || isLeader(pid, start)))
    .map(({ pid }) => pid);
}

async function withStart(pid: number): Promise<{ pid: number; start: string | undefined }> {
  return { pid, start: await startOf(pid) };
}
