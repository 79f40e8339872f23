import type { Logger } from '../base/logger.js';
import type { WorkerLabel } from '../protocol/operations.js';

/** A directory of the machine that every build may use; only `cache` may be written. */
export interface Mount {
  readonly source: string;
  /** Relative to the checkout, or in sandboxes also absolute. The process driver makes a link to `source` there. */
  readonly destination: string;
  readonly mode: 'ro' | 'cache';
}

/** How steps are to be run. */
export type DriverWish = 'auto' | 'sandbox' | 'process';

/**
 * What a sandbox reaches: nothing but itself; the outside, but neither the machine nor private networks; or whatever
 * the machine does.
 */
export type NetworkPolicy = 'none' | 'nat' | 'host';

/** Everything that an agent can be told. */
export interface AgentOptions {
  /** `http(s)://host:port`; its origin is part of every signature. */
  readonly serverUrl: string;
  /** Needed once, before the worker has an identity. */
  readonly enrolmentToken?: string | undefined;
  /** Keys and bookkeeping of this worker, 0700. Keep it to stay the same worker. */
  readonly stateDir: string;
  readonly hostname: string;
  readonly targets: readonly string[];
  readonly labels: readonly WorkerLabel[];
  /** How many builds may run at once, 1 or more. */
  readonly buildLimit: number;
  /** Default: `workspaces` in the state directory. */
  readonly workspaceDir?: string | undefined;
  /** How steps are run; `auto` is the sandbox where it works. Default: auto. */
  readonly driver?: DriverWish | undefined;
  /** The process driver gives no isolation: without this word it is not used. */
  readonly allowUnsandboxed: boolean;
  /** What each build may use. Default: its share of four fifths of the machine's memory; 4,096 processes; all CPUs. */
  readonly memoryBytes?: number | undefined;
  readonly pids?: number | undefined;
  readonly cpus?: number | undefined;
  /** Size of each sandbox's /tmp, which counts as memory. Default: 1 GiB. */
  readonly tmpBytes?: number | undefined;
  /** What sandboxes reach. Default: nat where slirp4netns is installed, otherwise none. */
  readonly network?: NetworkPolicy | undefined;
  /** User and group of the machine as which sandboxes run when the agent is root. Default: 65521. */
  readonly buildUid?: number | undefined;
  readonly mounts: readonly Mount[];
  /** Most bytes of a file that is kept as an artifact. */
  readonly artifactCapBytes: number;
  /** Most bytes of a step's log; the rest is left out, visibly. */
  readonly logCapBytes: number;
  /** After the first stop request, how long running builds may go on. */
  readonly drainMs: number;
  /** Of this program; shown with the worker. */
  readonly version: string;
  /** `PATH` of the steps. Default: where this Node lives, then the usual system directories. */
  readonly searchPath?: string | undefined;
  /** File of the certificate authorities by which clones judge https servers. Default: the system's. */
  readonly gitCaFile?: string | undefined;
  /** Below this an offer is refused with NO_SPACE. Default: 256 MiB. */
  readonly minFreeDiskBytes?: number | undefined;
}

/** How an agent is stopped, and where it logs. */
export interface AgentContext {
  /** Aborted: no new work, running builds may end, then the agent does. */
  readonly signal: AbortSignal;
  /** Aborted: running builds are stopped now and reported as AGENT_STOPPED. */
  readonly stopNow?: AbortSignal | undefined;
  readonly logger: Logger;
  /** Told how steps are run, once that is known. */
  onDriver?(driver: string): void;
}

/** Why an agent ended. A setup that cannot work (state directory, enrolment, options) is thrown as DomainError instead. */
export type AgentExit =
  | { readonly kind: 'DRAINED' }
  /** Builds were still running and were stopped. */
  | { readonly kind: 'STOPPED'; readonly stoppedBuilds: number }
  /** The server takes this identity no more. */
  | { readonly kind: 'REVOKED'; readonly reason: string };
