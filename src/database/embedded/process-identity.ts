import { readFile } from 'node:fs/promises';
import { isErrno } from './errno.js';
import { runProgram } from './run-program.js';

/**
 * When a process started, in a form to compare: together with the process id it tells a process from a later one
 * with the same id. Undefined when no such process runs.
 */
export async function startOf(pid: number): Promise<string | undefined> {
  if (process.platform !== 'linux') return askPs(pid, 'lstart=');
  const stat = await readProc(pid, 'stat');
  // The name in parentheses may hold anything; the state follows it, and 19 fields later the start in clock ticks.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields?.[0] === 'Z' ? undefined : fields?.[19];
}

/** The words that a running process was started with; undefined when no such process runs. */
export async function commandOf(pid: number): Promise<string | undefined> {
  if (process.platform !== 'linux') return askPs(pid, 'args=');
  return (await readProc(pid, 'cmdline'))?.replaceAll('\0', ' ').trim();
}

async function readProc(pid: number, file: string): Promise<string | undefined> {
  try {
    return await readFile(`/proc/${pid}/${file}`, 'utf8');
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ESRCH')) return undefined;
    throw error;
  }
}

/** /proc is Linux's own; it is preferred there because small images have no ps. */
async function askPs(pid: number, column: string): Promise<string | undefined> {
  const { ok, output } = await runProgram('/bin/ps', ['-o', column, '-p', String(pid)], undefined);
  return ok && output !== '' ? output : undefined;
}
