import { execFile, spawn, type ChildProcessByStdio } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What it says before it kills; an agent that hears it is alive, and so was silent. */
const SILENT = 'silent';

/**
 * Hears the agent line by line; when nothing comes for `limit` seconds, or never will, it kills the groups that it
 * knows and ends. An agent that is gone reads nothing, which must not end it before that. `read -t` is what makes it
 * small: a few megabytes of shell, once for all builds.
 */
const SCRIPT = `
trap '' PIPE
groups=' '
while read -r -t "$limit" word value; do
  case $word in
    beat) limit=$value ;;
    add) groups="$groups$value " ;;
    remove)
      rest=' '
      for group in $groups; do [ "$group" = "$value" ] || rest="$rest$group "; done
      groups=$rest ;;
  esac
done
echo ${SILENT} 2>/dev/null
for group in $groups; do kill -s KILL -- "-$group"; done 2>/dev/null
`;

/** Where a shell with `read -t` is found; dash has none. Without any, only the agent's end is noticed. */
const SHELLS = ['/bin/bash', '/usr/bin/bash', '/usr/local/bin/bash', '/bin/busybox', '/bin/sh'] as const;

/** A shell that runs the supervisor. */
export interface SupervisorShell {
  readonly argv: readonly [string, ...string[]];
  /** False: it cannot notice that the agent is there but silent. */
  readonly hasClock: boolean;
}

/** Finds the first shell on this machine that can wait for a limited time. */
export async function findSupervisorShell(): Promise<SupervisorShell> {
  for (const path of SHELLS) {
    const argv = path.endsWith('busybox') ? ([path, 'sh'] as const) : ([path] as const);
    if (await canWait(argv)) return { argv, hasClock: true };
  }
  return { argv: ['/bin/sh'], hasClock: false };
}

async function canWait([file, ...words]: readonly [string, ...string[]]): Promise<boolean> {
  const script = 'echo beat | { read -r -t 5 word && test "$word" = beat; }';
  return run(file, [...words, '-c', script], { env: {} }).then(
    () => true,
    () => false, // There is no such shell, or it has no `-t`.
  );
}

/** The process that watches over the agent's process groups; it holds nothing but its pipes. */
export class SupervisorProcess {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  #isSilent = false;

  /** `onEnd` is told whether it ended because it had heard nothing for too long. */
  constructor(shell: SupervisorShell, limitS: number, onEnd: (wasSilent: boolean) => void) {
    const [file, ...words] = shell.argv;
    const script = shell.hasClock ? SCRIPT : SCRIPT.replace('-t "$limit" ', '');
    this.#child = spawn(file, [...words, '-c', `limit=${limitS}\n${script}`], {
      env: {},
      cwd: '/',
      detached: true,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    this.#child.stdin.on('error', () => undefined); // It has ended, which `close` says.
    createInterface(this.#child.stdout).on('line', (line) => (this.#isSilent ||= line === SILENT));
    this.#child.on('error', () => onEnd(false)).on('close', () => onEnd(this.#isSilent));
    this.#child.unref();
  }

  /** Says something; to one that has ended, nothing. */
  tell(word: 'beat' | 'add' | 'remove', value: number): void {
    if (this.#child.stdin.writable) this.#child.stdin.write(`${word} ${value}\n`);
  }

  /** It kills whatever it still knows, and ends. */
  end(): void {
    this.#child.stdin.end();
  }
}
