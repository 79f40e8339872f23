import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { Socket } from 'node:net';
import type { Writable } from 'node:stream';

/** Keeps a list of process ids (`+17`, `-17`) and kills what is left on it when its input ends. */
const SCRIPT = `
pids=' '
while read -r line; do
  case $line in
    +*) pids="$pids\${line#+} " ;;
    -*) pids="\${pids%% \${line#-} *} \${pids#* \${line#-} }" ;;
  esac
done
for pid in $pids; do kill -s KILL "$pid" 2>/dev/null; done`;

let watchdog: ChildProcessByStdio<Writable, null, null> | undefined;

/**
 * From now on the process dies with this one, however this one ends: a run that is killed has no teardown, and what it
 * started would run for ever. Call the result when the process is gone, since its number may come to mean another one.
 */
export function killWithUs(pid: number): () => void {
  watchdog ??= startWatchdog();
  const { stdin } = watchdog;
  stdin.write(`+${pid}\n`);
  return () => void stdin.write(`-${pid}\n`);
}

function startWatchdog(): ChildProcessByStdio<Writable, null, null> {
  const child = spawn('/bin/sh', ['-c', SCRIPT], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  child.unref();
  // Neither it nor its pipe may keep the run alive.
  if (child.stdin instanceof Socket) child.stdin.unref();
  return child;
}
