import { isErrno } from '../state/errno.js';

/** Signals every process of a group; false when none is left (or none may be signalled). */
export function signalGroup(leaderPid: number, signal: NodeJS.Signals): boolean {
  return signalProcess(-leaderPid, signal);
}

/** Signals a process; false when it is gone, or another user's. */
export function signalProcess(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if (isErrno(error, 'ESRCH', 'EPERM')) return false;
    throw error;
  }
}
