import { allowedHost, databaseUrl, origin } from './address-kinds.js';
import { choice, days, integer, listOf, mebibytes, seconds, text } from './kinds.js';
import { type ConfigOf, defaulted, optional, required } from './option.js';
import { base64Key, userToken } from './secret-kinds.js';

/** Everything that a server process can be told. */
export const serverOptions = {
  databaseUrl: required(databaseUrl(), {
    env: 'DATABASE_URL',
    doc: 'The PostgreSQL database (14 or newer) that holds everything.',
  }),
  masterKey: required(base64Key(), {
    env: 'SLIPWAY_MASTER_KEY',
    doc: 'Encrypts secrets, credentials and the secret halves of signing keys in the database. Keep a copy: without it they are lost.',
  }),
  masterKeysForReading: defaulted(listOf(base64Key()), {
    env: 'SLIPWAY_MASTER_KEYS_FOR_READING',
    fallback: '',
    doc: 'Further master keys, which read what is there and write nothing: the next one before a rotation, the last one until it has ended. See docs/secrets.md.',
  }),
  adminToken: optional(userToken(), {
    env: 'SLIPWAY_ADMIN_TOKEN',
    doc: 'A user token that the server makes an administrator of. Without it, one is made at the first start.',
  }),
  host: defaulted(text('a host name or address'), {
    env: 'SLIPWAY_HOST',
    flag: 'host',
    fallback: '127.0.0.1',
    doc: 'Address to listen on.',
  }),
  port: defaulted(integer({ min: 0, max: 65_535 }), {
    env: 'SLIPWAY_PORT',
    flag: 'port',
    fallback: '8470',
    doc: 'TCP port to listen on; 0 for any free one.',
  }),
  origins: defaulted(listOf(origin()), {
    env: 'SLIPWAY_ORIGINS',
    flag: 'origins',
    fallback: '',
    doc: 'Addresses under which workers reach the server, the first being the main one. They are part of every signature. Empty: the address that it listens on.',
  }),
  dataDir: defaulted(text('a directory'), {
    env: 'SLIPWAY_DATA_DIR',
    flag: 'data-dir',
    fallback: '.slipway',
    doc: 'Directory for mirrors of git repositories, which can be rebuilt from the database, and for what SLIPWAY_STORE_DIR says.',
  }),
  gitCaFile: optional(text('a file of certificates in PEM form'), {
    env: 'SLIPWAY_GIT_CA_FILE',
    flag: 'git-ca-file',
    doc: 'Certificate authorities by which git judges https servers, in place of the system’s list: name it when your git server has a certificate of your own authority. Judging cannot be turned off.',
  }),
  gitAllowHosts: defaulted(listOf(allowedHost()), {
    env: 'SLIPWAY_GIT_ALLOW_HOSTS',
    flag: 'git-allow-hosts',
    fallback: '',
    doc: 'Hosts off the public internet that the server may clone from: names, addresses or networks such as git.example.org, 10.0.0.0/8. Others are refused, since whoever adds a repo could have the server ask what only it can reach.',
  }),
  leaseMs: defaulted(seconds({ min: 1, max: 3600 }), {
    env: 'SLIPWAY_LEASE_S',
    fallback: '60',
    doc: 'How long a worker may be silent before its builds are given to others. At least three heartbeats.',
  }),
  heartbeatMs: defaulted(seconds({ min: 0.1, max: 600 }), {
    env: 'SLIPWAY_HEARTBEAT_S',
    fallback: '10',
    doc: 'Interval between two heartbeats of a worker.',
  }),
  acknowledgeMs: defaulted(seconds({ min: 0.1, max: 600 }), {
    env: 'SLIPWAY_ACKNOWLEDGE_S',
    fallback: '10',
    doc: 'How long a worker has to accept a build that was pushed to it.',
  }),
  prepareMs: defaulted(seconds({ min: 1, max: 86_400 }), {
    env: 'SLIPWAY_PREPARE_S',
    fallback: '300',
    doc: 'Time for workspace and clone, added to the time limit of the repo.',
  }),
  cancelGraceMs: defaulted(seconds({ min: 0.1, max: 3600 }), {
    env: 'SLIPWAY_CANCEL_GRACE_S',
    fallback: '15',
    doc: 'Time between the request to stop a build and the end of its lease.',
  }),
  planningMs: defaulted(seconds({ min: 1, max: 86_400 }), {
    env: 'SLIPWAY_PLANNING_S',
    fallback: '600',
    doc: 'Time for fetching a change and reading its pipeline file.',
  }),
  agingMs: defaulted(seconds({ min: 1, max: 86_400 }), {
    env: 'SLIPWAY_AGING_S',
    fallback: '300',
    doc: 'Waiting raises priority: jobs rise by one for each such time in which none like them was started, up to the highest priority that waits.',
  }),
  sweepMs: defaulted(seconds({ min: 0.01, max: 60 }), {
    env: 'SLIPWAY_SWEEP_S',
    fallback: '1',
    doc: 'Interval of the sweep that finds what a lost hint did not tell.',
  }),
  stepLogCapBytes: defaulted(mebibytes({ min: 1, max: 1_000_000 }), {
    env: 'SLIPWAY_STEP_LOG_CAP_MIB',
    fallback: '110',
    doc: "What the server stores of one step's log, in MiB. Workers leave out more than their own limit themselves; this is for those that do not.",
  }),
  buildLogCapBytes: defaulted(mebibytes({ min: 1, max: 1_000_000 }), {
    env: 'SLIPWAY_BUILD_LOG_CAP_MIB',
    fallback: '1024',
    doc: 'What the server stores of all logs of one build, in MiB.',
  }),
  archive: defaulted(choice('folder', 'off'), {
    env: 'SLIPWAY_ARCHIVE',
    fallback: 'folder',
    doc: 'Where logs go once they are complete: `folder`, which is SLIPWAY_STORE_DIR, or `off`, which leaves them in the database.',
  }),
  artifactCapBytes: defaulted(mebibytes({ min: 1, max: 1_000_000 }), {
    env: 'SLIPWAY_ARTIFACT_CAP_MIB',
    fallback: '512',
    doc: 'Most mebibytes of one artifact.',
  }),
  buildArtifactsCapBytes: defaulted(mebibytes({ min: 1, max: 10_000_000 }), {
    env: 'SLIPWAY_BUILD_ARTIFACTS_CAP_MIB',
    fallback: '2048',
    doc: 'Most mebibytes of all artifacts of a build, of which there are at most 1,000.',
  }),
  storeDir: optional(text('a directory'), {
    env: 'SLIPWAY_STORE_DIR',
    doc: 'Directory for archived logs and artifacts. Several replicas have to share it. Default: the one of SLIPWAY_DATA_DIR.',
  }),
  logRetentionMs: defaulted(days({ min: 0, max: 36_500 }), {
    env: 'SLIPWAY_LOG_RETENTION_DAYS',
    fallback: '90',
    doc: 'How long logs are kept after the end of their build; 0: for ever.',
  }),
  readConnections: defaulted(integer({ min: 1, max: 1000 }), {
    env: 'SLIPWAY_READ_CONNECTIONS',
    fallback: '10',
    doc: 'Most database connections for reads of people and programs.',
  }),
  logLevel: defaulted(choice('silent', 'error', 'warn', 'info', 'debug', 'trace'), {
    env: 'SLIPWAY_LOG_LEVEL',
    flag: 'log-level',
    fallback: 'info',
    doc: 'Least important kind of line in the log.',
  }),
};

/** Settings of a server process: validated, frozen, durations in milliseconds. */
export type ServerConfig = ConfigOf<typeof serverOptions>;
