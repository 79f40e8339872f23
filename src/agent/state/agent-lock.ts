import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DomainError, ErrorCode } from '../../base/errors.js';
import { isErrno } from './errno.js';
import { startOf } from './process-start.js';

const LOCK_FILE = 'agent.lock';
/** Each round some other agent has come or gone; nobody starts that many at once. */
const MAX_ROUNDS = 10;

interface Holder {
  readonly pid: number;
  readonly start: string;
}

/** That one process alone uses a state directory. */
export class AgentLock {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /** Takes the directory, also from a process that has died. Throws a DomainError (CONFLICT) while its holder lives. */
  static async acquire(stateDir: string): Promise<AgentLock> {
    const path = join(stateDir, LOCK_FILE);
    const own = `${path}.${randomUUID()}`;
    await writeFile(own, JSON.stringify(await ownHolder()), { mode: 0o600 });
    try {
      for (let round = 0; round < MAX_ROUNDS; round += 1) {
        if (await linkNew(own, path)) return new AgentLock(path);
        await removeDead(path, stateDir);
      }
    } finally {
      await rm(own, { force: true });
    }
    throw inUse(stateDir, undefined);
  }

  /** Gives the directory back. */
  async release(): Promise<void> {
    await rm(this.#path, { force: true });
  }
}

async function ownHolder(): Promise<Holder> {
  return { pid: process.pid, start: (await startOf(process.pid)) ?? '' };
}

/** A link comes with its content, so that nobody ever reads half of a lock. */
async function linkNew(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return false;
    throw error;
  }
}

/** Between reading and removing, another agent may have taken the lock: what was moved away is looked at again. */
async function removeDead(path: string, stateDir: string): Promise<void> {
  await refuseLiving(path, stateDir);
  const moved = `${path}.${randomUUID()}`;
  try {
    await rename(path, moved);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return;
    throw error;
  }
  try {
    await refuseLiving(moved, stateDir);
  } catch (error) {
    await linkNew(moved, path);
    throw error;
  } finally {
    await rm(moved, { force: true });
  }
}

async function refuseLiving(path: string, stateDir: string): Promise<void> {
  const holder = await readHolder(path);
  if (holder && (await startOf(holder.pid)) === holder.start) throw inUse(stateDir, holder.pid);
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Holder;
  } catch (error) {
    if (isErrno(error, 'ENOENT') || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function inUse(stateDir: string, pid: number | undefined): DomainError {
  const by = pid === undefined ? 'other agents that start' : `the agent with process id ${pid}`;
  return new DomainError(
    ErrorCode.CONFLICT,
    `the state directory ${stateDir} is in use by ${by}; expected one agent per state directory: give another --state-dir`,
    { stateDir, pid: pid ?? null },
  );
}
