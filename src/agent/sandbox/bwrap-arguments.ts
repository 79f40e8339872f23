import { ValidationError } from '../../base/errors.js';
import { identityArguments } from './identity-files.js';
import { INSIDE, INSIDE_USER } from './inside.js';

/** A path of the machine that shows inside. */
export interface Bind {
  readonly source: string;
  readonly destination: string;
  readonly isWritable: boolean;
}

/** What one sandbox shows, and how it starts. */
export interface View {
  /** The workspace's root, by the name that it has for bwrap. */
  readonly root: string;
  /** Name of the step's script in it. */
  readonly script: string;
  /** See {@link systemArguments}. */
  readonly system: readonly string[];
  /** bwrap's words for whatever else this worker shows. */
  readonly tools: readonly string[];
  readonly mounts: readonly Bind[];
  readonly tmpBytes: number;
  /** False: a network namespace of its own with nothing but loopback. */
  readonly sharesNetwork: boolean;
  /** Where the step starts, inside. */
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** Nothing is shared but the network, where that is wanted; nobody inside can make user namespaces of his own. */
const APART = [
  ...[
    '--unshare-user',
    '--unshare-ipc',
    '--unshare-pid',
    '--unshare-uts',
    '--unshare-cgroup',
    '--disable-userns',
  ],
  ...['--uid', String(INSIDE_USER.uid), '--gid', String(INSIDE_USER.gid), '--hostname', 'build'],
  ...['--new-session', '--die-with-parent', '--cap-drop', 'ALL'],
];

const SHARED_MEMORY_BYTES = 64 * 2 ** 20;

/**
 * bwrap's words for a sandbox, to be read from a descriptor: arguments show in the machine's list of processes, and
 * bwrap's own environment would act on bwrap (LD_PRELOAD!), which is still outside. Throws a ValidationError for text
 * with a NUL, which ends a word there.
 */
export function bwrapArguments(view: View): string {
  const { root } = view;
  const words = [
    ...APART,
    ...(view.sharesNetwork ? [] : ['--unshare-net']),
    ...['--perms', '0755', '--tmpfs', '/'],
    ...view.system,
    ...[
      '--perms',
      '0755',
      '--dir',
      '/home',
      '--perms',
      '0755',
      '--dir',
      '/var',
      '--symlink',
      '../tmp',
      '/var/tmp',
    ],
    ...[
      '--proc',
      '/proc',
      '--dev',
      '/dev',
      ...tmpfs('/dev/shm', SHARED_MEMORY_BYTES),
      '--remount-ro',
      '/dev',
    ],
    ...tmpfs(INSIDE.temporary, view.tmpBytes),
    ...identityArguments(`${root}/etc`),
    ...view.tools,
    ...['--bind', `${root}/source`, INSIDE.source, '--bind', `${root}/home`, INSIDE.home],
    ...['--perms', '0755', '--dir', INSIDE.agent, '--bind', `${root}/outputs`, INSIDE.outputs],
    ...['--ro-bind', `${root}/${view.script}`, INSIDE.script],
    ...view.mounts.flatMap(bindWords),
    ...['--remount-ro', '/', '--chdir', view.directory, '--clearenv'],
    ...Object.entries(view.environment).flatMap(([name, value]) => ['--setenv', name, value]),
    ...['--json-status-fd', String(STATUS_FD)],
  ];
  const broken = words.find((word) => word.includes('\0'));
  if (broken !== undefined)
    throw ValidationError.of('sandbox', broken.replaceAll('\0', '\\0'), 'text without NUL');
  return words.map((word) => `${word}\0`).join('');
}

/** The descriptor from which bwrap reads its words, and the one on which it says what becomes of the sandbox. */
export const ARGUMENTS_FD = 3;
const STATUS_FD = 4;

function tmpfs(path: string, bytes: number): string[] {
  return ['--perms', '1777', '--size', String(bytes), '--tmpfs', path];
}

function bindWords({ source, destination, isWritable }: Bind): string[] {
  return [isWritable ? '--bind' : '--ro-bind', source, destination];
}
