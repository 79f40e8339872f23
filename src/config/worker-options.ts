import { serverUrl } from './address-kinds.js';
import { choice, integer, listOf, mebibytes, seconds, text, yesOrNo } from './kinds.js';
import { type ConfigOf, defaulted, optional, required } from './option.js';
import { secretText } from './secret-kinds.js';
import { cores, label, mount } from './worker-kinds.js';

/** Everything that a worker's agent can be told. */
export const workerOptions = {
  serverUrl: required(serverUrl(), {
    env: 'SLIPWAY_SERVER',
    flag: 'server',
    doc: 'The server to connect to. It is part of every signature: give one of the server’s origins.',
  }),
  enrolmentToken: optional(secretText('an enrolment token, swe_…'), {
    env: 'SLIPWAY_ENROLMENT',
    flag: 'enrolment',
    doc: 'Token of `slipway worker enrol`; needed once, before the worker has an identity. Prefer the variable: arguments show in process lists.',
  }),
  stateDir: defaulted(text('a directory'), {
    env: 'SLIPWAY_STATE_DIR',
    flag: 'state-dir',
    fallback: '.slipway/worker',
    doc: 'Directory of the worker’s identity; keep it to stay the same worker.',
  }),
  hostname: optional(text('a name'), {
    env: 'SLIPWAY_HOSTNAME',
    flag: 'hostname',
    doc: 'Name of the worker; by default the machine’s.',
  }),
  targets: defaulted(listOf(text('a target such as x86_64-linux')), {
    env: 'SLIPWAY_TARGETS',
    flag: 'target',
    fallback: '',
    doc: 'Platforms to build for; by default this machine’s.',
  }),
  labels: defaulted(listOf(label()), {
    env: 'SLIPWAY_LABELS',
    flag: 'label',
    fallback: '',
    doc: 'What builds may require of a worker.',
  }),
  buildLimit: defaulted(integer({ min: 1, max: 1000 }), {
    env: 'SLIPWAY_LIMIT',
    flag: 'limit',
    fallback: '1',
    doc: 'How many builds may run at once.',
  }),
  workspaceDir: optional(text('a directory'), {
    env: 'SLIPWAY_WORKSPACE_DIR',
    flag: 'workspace-dir',
    doc: 'Directory of the builds’ workspaces; by default in the state directory.',
  }),
  driver: defaulted(choice('auto', 'sandbox', 'process'), {
    env: 'SLIPWAY_DRIVER',
    flag: 'driver',
    fallback: 'auto',
    doc: 'How steps are run: in sandboxes (bubblewrap), or as plain processes. `auto` takes sandboxes where they work, and plain processes otherwise if that is allowed.',
  }),
  allowUnsandboxed: defaulted(yesOrNo(), {
    env: 'SLIPWAY_ALLOW_UNSANDBOXED',
    flag: 'allow-unsandboxed',
    fallback: 'false',
    doc: 'Builds may run as plain processes of this user, without isolation, where sandboxes do not work. Only for repos that you trust as yourself.',
  }),
  memoryBytes: optional(mebibytes({ min: 16, max: 100_000_000 }), {
    env: 'SLIPWAY_MEMORY_MIB',
    flag: 'memory',
    doc: 'What the processes of one build may use of the memory, in MiB; by default its share of four fifths of it.',
  }),
  pids: defaulted(integer({ min: 8, max: 4_000_000 }), {
    env: 'SLIPWAY_PIDS',
    flag: 'pids',
    fallback: '4096',
    doc: 'How many processes and threads one build may have.',
  }),
  cpus: optional(cores(), {
    env: 'SLIPWAY_CPUS',
    flag: 'cpus',
    doc: 'How many CPUs’ time one build may use, such as 1.5; by default as much as there is.',
  }),
  tmpBytes: defaulted(mebibytes({ min: 1, max: 100_000_000 }), {
    env: 'SLIPWAY_TMP_MIB',
    flag: 'tmp-size',
    fallback: '1024',
    doc: 'Size of the /tmp that each sandbox has for itself, in MiB. What is in it counts as memory.',
  }),
  network: optional(choice('none', 'nat', 'host'), {
    env: 'SLIPWAY_NETWORK',
    flag: 'network',
    doc: 'What sandboxes reach: `none`, nothing but themselves; `nat`, the outside, but neither this machine nor private networks nor a cloud’s metadata; `host`, whatever the machine does. By default `nat` where slirp4netns and ip (iproute2) work, otherwise `none`.',
  }),
  buildUid: defaulted(integer({ min: 1, max: 4_000_000_000 }), {
    env: 'SLIPWAY_BUILD_UID',
    flag: 'build-uid',
    fallback: '65521',
    doc: 'User and group as which sandboxes run when the agent is root. Nobody else should have it; caches must be writable for it.',
  }),
  mounts: defaulted(listOf(mount()), {
    env: 'SLIPWAY_MOUNTS',
    flag: 'mount',
    fallback: '',
    doc: 'Directories of the machine that every build may use, read-only or as a cache.',
  }),
  gitCaFile: optional(text('a file of certificates in PEM form'), {
    env: 'SLIPWAY_GIT_CA_FILE',
    flag: 'git-ca-file',
    doc: 'Certificate authorities by which the clone judges https servers, in place of the system’s list. Judging cannot be turned off.',
  }),
  drainMs: defaulted(seconds({ min: 0, max: 604_800 }), {
    env: 'SLIPWAY_DRAIN_S',
    flag: 'drain',
    fallback: '3600',
    doc: 'After SIGTERM, how long running builds may go on before they are stopped.',
  }),
  artifactCapBytes: defaulted(mebibytes({ min: 1, max: 1_000_000 }), {
    env: 'SLIPWAY_ARTIFACT_CAP_MIB',
    flag: 'artifact-cap',
    fallback: '512',
    doc: 'Most mebibytes of a file that is kept as an artifact; a larger one is named in the log and left.',
  }),
  logCapBytes: defaulted(mebibytes({ min: 1, max: 100_000 }), {
    env: 'SLIPWAY_LOG_CAP',
    flag: 'log-cap',
    fallback: '100',
    doc: 'Most mebibytes of one step’s log, after masking; the rest is left out, with a line that says so.',
  }),
  logLevel: defaulted(choice('silent', 'error', 'warn', 'info', 'debug', 'trace'), {
    env: 'SLIPWAY_LOG_LEVEL',
    flag: 'log-level',
    fallback: 'info',
    doc: 'Least important kind of line in the log.',
  }),
};

/** Settings of a worker's agent: validated and frozen. */
export type WorkerConfig = ConfigOf<typeof workerOptions>;
