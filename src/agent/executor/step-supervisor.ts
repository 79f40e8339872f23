import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Writable } from 'node:stream';

/** Waits for the end of its input, which comes when the agent is gone, however it went; then kills the group. */
const SCRIPT = 'read -r group && { read -r end || kill -s KILL -- "-$group"; }';

/** Watches over one process group for as long as the agent lives. */
export interface Supervision {
  /** From now on the group dies with the agent. */
  watch(groupPid: number): void;
  /** The group is gone: its number may come to mean another one. */
  end(): void;
}

/**
 * Starts a small process that outlives a `kill -9` of the agent just long enough to take a group with it. It holds
 * nothing but one pipe from the agent.
 */
export function superviseGroup(): Supervision {
  const child = startSupervisor();
  // Without a supervisor a step still runs; its group is on record for the next agent.
  child.on('error', () => undefined);
  child.stdin.on('error', () => undefined);
  child.unref();
  let lastWords = '';
  return {
    watch: (groupPid) => {
      child.stdin.write(`${groupPid}\n`);
      lastWords = 'end\n';
    },
    end: () => void child.stdin.end(lastWords),
  };
}

function startSupervisor(): ChildProcessByStdio<Writable, null, null> {
  return spawn('/bin/sh', ['-c', SCRIPT], {
    env: {},
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
}
