import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../base/clock.js';
import { DomainError, ErrorCode } from '../../base/errors.js';
import type { Logger } from '../../base/logger.js';
import { isErrno } from './errno.js';
import { commandOf } from './process-identity.js';

/** A postmaster of a former owner has this long for each way to stop. Its clients are gone, so it needs little. */
const STOP_GUARD_MS = 30_000;

/**
 * Stops the postmaster that a killed owner left in a cluster and that its watchdog has not stopped yet. It is stopped
 * and not adopted: settings and version are then those of this release, and nobody else's sessions go on.
 */
export async function stopLeftover(clusterDir: string, logger: Logger): Promise<void> {
  const pidFile = join(clusterDir, 'postmaster.pid');
  const pid = await readPid(pidFile);
  if (pid === undefined) return;
  if (await isPostmasterOf(pid, clusterDir)) {
    logger.warn({ pid }, 'stopping the PostgreSQL server that a killed process left behind');
    await stopProcess(pid, clusterDir);
    return;
  }
  // PostgreSQL takes any process with that id for a running server, also an unrelated or a dead one that nobody
  // waited for. Sessions that outlive their server it finds by the shared memory, without this file.
  await rm(pidFile, { force: true });
}

async function stopProcess(pid: number, clusterDir: string): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    const deadlineMs = systemClock.monotonic() + STOP_GUARD_MS;
    send(pid, signal);
    while (systemClock.monotonic() < deadlineMs) {
      if (!(await isPostmasterOf(pid, clusterDir))) return;
      await systemClock.sleep(20);
    }
  }
  const message = `PostgreSQL, process ${pid}, runs in ${clusterDir} and does not stop; end it and start again`;
  throw new DomainError(ErrorCode.STORE_UNAVAILABLE, message, { pid });
}

/** The id alone proves nothing, since ids are given out again; the command line names the cluster. */
async function isPostmasterOf(pid: number, clusterDir: string): Promise<boolean> {
  const command = await commandOf(pid);
  return command !== undefined && command.includes(`postgres -D ${clusterDir} `);
}

async function readPid(pidFile: string): Promise<number | undefined> {
  try {
    const pid = Number.parseInt(await readFile(pidFile, 'utf8'), 10);
    return pid > 1 ? pid : undefined;
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!isErrno(error, 'ESRCH')) throw error;
  }
}
