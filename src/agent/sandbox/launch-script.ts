import { quoteForShell } from '../executor/step-script.js';
import { ARGUMENTS_FD } from './bwrap-arguments.js';

/** User and group of the machine as which sandboxes run. */
export interface BuildUser {
  readonly uid: number;
  readonly gid: number;
}

/** A directory or file that the agent may reach and the build user may not; it gets a name that he can reach. */
export interface Staged {
  readonly source: string;
  /** Below {@link STAGE}. */
  readonly name: string;
}

/** A launch of bwrap. */
export interface Launch {
  /** Files by which the launching process, and all that comes of it, enters its cgroup. */
  readonly entrances: readonly string[];
  /** Absent: bwrap runs as the agent's own user, which need not be kept from anything by name. */
  readonly drop?: { readonly user: BuildUser; readonly staged: readonly Staged[] };
}

/** Where staged things are, in a mount namespace of the launch's own. */
export const STAGE = '/run';

/** `PATH` of the launching process, which is still outside. */
const LAUNCH_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * The command that launches bwrap: enter the cgroup, make what bwrap shall show reachable, give up being root. Nothing
 * that comes from a build is in its environment, since all of it still runs outside.
 */
export function launchArgv(launch: Launch, step: readonly string[]): [string, ...string[]] {
  const shell = ['/bin/sh', '-ec', launchScript(launch), 'launch', ...step] as const;
  return launch.drop ? ['unshare', '--mount', '--propagation', 'private', '--', ...shell] : [...shell];
}

/** The environment of {@link launchArgv}, with what marks the build's processes. */
export function launchEnvironment(mark: Readonly<Record<string, string>>): Record<string, string> {
  return { PATH: LAUNCH_PATH, LANG: 'C.UTF-8', ...mark };
}

function launchScript({ entrances, drop }: Launch): string {
  const bwrap = `bwrap --args ${ARGUMENTS_FD} -- "$@"`;
  return [
    ...entrances.map((path) => `echo $$ > ${quoteForShell(path)}`),
    ...(drop ? [...stage(drop.staged), `exec ${setprivWords(drop.user)} ${bwrap}`] : [`exec ${bwrap}`]),
  ].join('\n');
}

/** A tmpfs over the machine's own /run, which no sandbox has any business with. */
function stage(staged: readonly Staged[]): string[] {
  return [
    `mount -t tmpfs -o mode=0755,size=64k,nosuid,nodev slipway ${STAGE}`,
    ...staged.flatMap(({ source, name }) => {
      const from = quoteForShell(source);
      const to = quoteForShell(`${STAGE}/${name}`);
      return [`if [ -d ${from} ]; then mkdir ${to}; else : > ${to}; fi`, `mount --rbind -- ${from} ${to}`];
    }),
  ];
}

function setprivWords({ uid, gid }: BuildUser): string {
  return `setpriv --reuid ${uid} --regid ${gid} --clear-groups --inh-caps=-all --no-new-privs --`;
}
