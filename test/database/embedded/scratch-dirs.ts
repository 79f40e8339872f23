import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeDataDir } from '../../../src/database/embedded/home.js';

/** Directories for one suite, removed after it. */
export interface ScratchDirs {
  /** A path for a data directory that does not exist yet; in `parent`, default the temporary directory. */
  dataDir(parent?: string): string;
  /** A new directory with a mode. */
  dir(mode: number): Promise<string>;
}

/** Call it in the body of a `describe`. */
export function scratchDirs(): ScratchDirs {
  const dataDirs: string[] = [];
  const dirs: string[] = [];
  after('remove scratch directories', async () => {
    for (const path of dataDirs) await removeDataDir(path);
    for (const path of dirs) await rm(path, { recursive: true, force: true });
  });
  const freshPath = (parent = tmpdir()): string =>
    join(parent, `slipway-pg-${randomBytes(6).toString('hex')}`);
  return {
    dataDir: (parent) => {
      dataDirs.push(freshPath(parent));
      return dataDirs.at(-1) as string;
    },
    dir: async (mode) => {
      const path = freshPath();
      dirs.push(path);
      await mkdir(path, { mode });
      return path;
    },
  };
}

/** The process id in a cluster's postmaster.pid; undefined when there is no such file. */
export async function postmasterPid(clusterDir: string): Promise<number | undefined> {
  try {
    return Number.parseInt(await readFile(join(clusterDir, 'postmaster.pid'), 'utf8'), 10);
  } catch {
    return undefined;
  }
}

/** Whether a process with this id exists. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
