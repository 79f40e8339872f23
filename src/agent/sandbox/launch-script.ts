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
  /** How many processes the user may have, where no cgroup counts those of the build. */
  readonly processes?: number;
  /** Absent: bwrap runs as the agent's own user, which need not be kept from anything by name. */
  readonly drop?: { readonly user: BuildUser; readonly staged: readonly Staged[] };
  /** Present: a network namespace is made before bwrap's, in which these addresses are out of reach. */
  readonly denied?: readonly string[];
}

/** Descriptors of a launch with a network of its own: it asks for one, and goes on when it has one. */
const READY_FD = 5;
const GO_FD = 6;

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
  const apart = [
    ...(launch.drop ? ['--mount', '--propagation', 'private'] : []),
    ...(launch.denied ? ['--net', ...(launch.drop ? [] : ['--user', '--map-root-user'])] : []),
  ];
  return apart.length === 0 ? [...shell] : ['unshare', ...apart, '--', ...shell];
}

/** A command that enters a cgroup before it becomes what it is. */
export function enterCgroup(entrances: readonly string[], argv: readonly string[]): [string, ...string[]] {
  return ['/bin/sh', '-ec', [...enter(entrances), 'exec "$@"'].join('\n'), 'enter', ...argv];
}

/** The environment of {@link launchArgv}, with what marks the build's processes. */
export function launchEnvironment(mark: Readonly<Record<string, string>>): Record<string, string> {
  return { PATH: LAUNCH_PATH, LANG: 'C.UTF-8', ...mark };
}

function launchScript({ entrances, processes, drop, denied }: Launch): string {
  const bwrap = `bwrap --args ${ARGUMENTS_FD} -- "$@"`;
  return [
    ...enter(entrances),
    ...(processes === undefined ? [] : [limitProcesses(processes)]),
    ...(denied ? awaitNetwork(denied) : []),
    ...(drop ? [...stage(drop.staged), `exec ${setprivWords(drop.user)} ${bwrap}`] : [`exec ${bwrap}`]),
  ].join('\n');
}

function enter(entrances: readonly string[]): string[] {
  return entrances.map((path) => `echo $$ > ${quoteForShell(path)}`);
}

/** Shells do not agree on the letter. */
function limitProcesses(count: number): string {
  return `ulimit -u ${count} 2>/dev/null || ulimit -p ${count}`;
}

/** The agent makes the network meanwhile. Who has no capability in here later cannot take the routes away. */
function awaitNetwork(denied: readonly string[]): string[] {
  return [
    `echo ready >&${READY_FD}`,
    `read -r go <&${GO_FD} || { echo 'the network could not be made' >&2; exit 1; }`,
    ...denied.map((address) => `ip route add prohibit ${quoteForShell(address)}`),
    `exec ${READY_FD}>&- ${GO_FD}<&-`,
  ];
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
