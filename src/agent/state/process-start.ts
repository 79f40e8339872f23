import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { isErrno } from './errno.js';

const run = promisify(execFile);

/**
 * When a process started, in a form to compare: with the pid it tells a process from a later one of the same pid.
 * Undefined when no such process runs.
 */
export async function startOf(pid: number): Promise<string | undefined> {
  return process.platform === 'linux' ? readStart(pid) : askPs(pid);
}

async function readStart(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold anything; the state follows it, and 19 fields later the start in clock ticks.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ESRCH')) return undefined;
    throw error;
  }
}

async function askPs(pid: number): Promise<string | undefined> {
  try {
    const { stdout } = await run('/bin/ps', ['-o', 'lstart=', '-p', String(pid)]);
    return stdout.trim() || undefined;
  } catch {
    return undefined; // ps ends with 1 when there is no such process.
  }
}
