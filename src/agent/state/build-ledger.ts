import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from './atomic-file.js';
import { isErrno } from './errno.js';
import { startOf } from './process-start.js';

/** A process that leads a group of its own. */
export interface GroupRecord {
  readonly pid: number;
  /** See process-start.ts. */
  readonly start: string;
}

/** What a build has on the machine. */
export interface BuildRecord {
  readonly build: string;
  readonly workspace: string;
  readonly groups: readonly GroupRecord[];
}

/** Who else must know which process groups run. */
export interface GroupWatch {
  add(groupPid: number): void;
  remove(groupPid: number): void;
}

/**
 * What the agent's builds have on the machine, on disk, so that the next agent can clear it away after a `kill -9`.
 * It need not survive the machine, whose processes do not either, so nothing is synced.
 */
export class BuildLedger {
  readonly #dir: string;
  readonly #records = new Map<string, BuildRecord>();

  readonly #watch: GroupWatch | undefined;

  private constructor(dir: string, watch: GroupWatch | undefined) {
    this.#dir = dir;
    this.#watch = watch;
  }

  static async open(stateDir: string, watch?: GroupWatch): Promise<BuildLedger> {
    const dir = join(stateDir, 'builds');
    await mkdir(dir, { recursive: true, mode: 0o700 });
    return new BuildLedger(dir, watch);
  }

  /** Records of an older agent, before this one adds any. */
  async leftovers(): Promise<BuildRecord[]> {
    const names = (await readdir(this.#dir)).filter((name) => name.endsWith('.json'));
    const records = await Promise.all(names.map((name) => readRecord(join(this.#dir, name))));
    return records.filter((record) => record !== undefined);
  }

  /** Comes before anything of the build is made. */
  async begin(build: string, workspace: string): Promise<void> {
    await this.#write({ build, workspace, groups: [] });
  }

  /** Notes a process group that was just started; of one that is gone already there is nothing to note. */
  async addGroup(build: string, pid: number): Promise<void> {
    this.#watch?.add(pid);
    const start = await startOf(pid);
    const record = this.#records.get(build);
    if (!record || start === undefined) return;
    await this.#write({ ...record, groups: [...record.groups, { pid, start }] });
  }

  async removeGroup(build: string, pid: number): Promise<void> {
    this.#watch?.remove(pid);
    const record = this.#records.get(build);
    if (!record) return;
    await this.#write({ ...record, groups: record.groups.filter((group) => group.pid !== pid) });
  }

  /** Nothing of the build is left. */
  async end(build: string): Promise<void> {
    this.#records.delete(build);
    await rm(this.#fileOf(build), { force: true });
  }

  async #write(record: BuildRecord): Promise<void> {
    this.#records.set(record.build, record);
    await replaceFile(this.#fileOf(record.build), JSON.stringify(record));
  }

  #fileOf(build: string): string {
    return join(this.#dir, `${build}.json`);
  }
}

async function readRecord(path: string): Promise<BuildRecord | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as BuildRecord;
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}
