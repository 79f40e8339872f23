import { spawn } from 'node:child_process';
import { type Account, programEnvironment, runAs } from './run-program.js';

/**
 * Ties the life of a postmaster to ours, also when we are killed: a shell waits on a pipe that only we hold, and asks
 * the postmaster for a fast shutdown when the pipe closes. Returns the function that releases it.
 */
export function watchOver(postmasterPid: number, account: Account | undefined): () => void {
  // A line means "released"; the end of input without one means that we are gone.
  const shell = spawn('/bin/sh', ['-c', 'read -r line || kill -INT "$0"', String(postmasterPid)], {
    cwd: '/',
    env: programEnvironment,
    // In its own session, so that a terminal's Ctrl-C reaches us alone and the shutdown keeps its order.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    ...runAs(account),
  });
  // Somebody may have killed the shell; the next start copes with a postmaster that is left.
  shell.on('error', () => undefined);
  shell.stdin.on('error', () => undefined);
  return () => {
    shell.stdin.end('\n');
  };
}
