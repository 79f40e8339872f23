import { readdir, readFile } from 'node:fs/promises';
import { isErrno } from './errno.js';

/** The variable by which every process of a build can be told: its descendants inherit it. */
export const BUILD_MARK = 'SLIPWAY_BUILD_ID';

/**
 * Process ids that carry a build's mark, wherever they went: a process that made a session of its own has left its
 * group, but not its environment. Linux only; elsewhere none are found.
 */
export async function markedProcesses(build: string): Promise<number[]> {
  if (process.platform !== 'linux') return [];
  const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    names.map(async (name) => ((await isMarked(name, build)) ? Number(name) : 0)),
  );
  return found.filter((pid) => pid !== 0 && pid !== process.pid);
}

async function isMarked(pid: string, build: string): Promise<boolean> {
  try {
    const environment = await readFile(`/proc/${pid}/environ`, 'latin1');
    return environment.split('\0').includes(`${BUILD_MARK}=${build}`);
  } catch (error) {
    // Another user's process, or one that has just ended: not one of ours.
    if (isErrno(error, 'EACCES', 'EPERM', 'ENOENT', 'ESRCH')) return false;
    throw error;
  }
}
