import { deferred } from '../../base/deferred.js';
import type { Cgroup } from '../cgroups/cgroups.js';
import { runProcessGroup } from '../executor/process-group.js';
import { enterCgroup, launchEnvironment } from './launch-script.js';

/** The resolver that slirp4netns has in every network that it makes. */
export const USER_NETWORK_RESOLVER = 'nameserver 10.0.2.3';

/** Descriptors of slirp4netns: on the first it says that it is ready; when the second is closed, it ends. */
const READY_FD = 3;
const EXIT_FD = 4;
const MAX_COMPLAINT = 1_000;

/** A network for a sandbox in the making. */
export interface UserNetworkWish {
  /** The process in whose network namespace it is made. */
  readonly pid: number;
  readonly cgroup: Cgroup;
  /** Marks what belongs to the build. */
  readonly mark: Readonly<Record<string, string>>;
}

/** Ends a network; resolves when nothing of it runs any more. */
export type CloseNetwork = () => Promise<void>;

/**
 * Connects a network namespace with the outside by slirp4netns: an ordinary process that makes connections for it,
 * but none to the machine's loopback. It ends with the agent at the latest. Throws an Error with what slirp4netns says
 * when it does not work.
 */
export async function openUserNetwork({ pid, cgroup, mark }: UserNetworkWish): Promise<CloseNetwork> {
  const over = new AbortController();
  const ready = deferred<'READY'>();
  let said = '';
  const exit = runProcessGroup({
    argv: enterCgroup(cgroup.entrances, slirpArgv(pid)),
    cwd: '/',
    environment: launchEnvironment(mark),
    output: (bytes) => {
      said = `${said}${Buffer.from(bytes).toString()}`.slice(-MAX_COMPLAINT);
      return Promise.resolve();
    },
    control: { stop: over.signal, kill: over.signal },
    pipes: { count: 2, use: ([first]) => void first?.once('data', () => ready.resolve('READY')) },
  });
  if ((await Promise.race([ready.promise, exit])) !== 'READY') {
    throw new Error(`slirp4netns made no network: ${said.trim()}`);
  }
  return async () => {
    over.abort();
    await exit;
  };
}

function slirpArgv(pid: number): string[] {
  const guards = ['--disable-host-loopback', '--enable-sandbox', '--enable-seccomp'];
  const descriptors = [`--ready-fd=${READY_FD}`, `--exit-fd=${EXIT_FD}`];
  return ['slirp4netns', '--configure', '--mtu=1500', ...guards, ...descriptors, String(pid), 'tap0'];
}
