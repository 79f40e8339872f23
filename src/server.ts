import { randomUUID } from 'node:crypto';
import { join, resolve } from 'node:path';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { ArtifactStore } from './artifacts/index.js';
import { systemClock } from './base/clock.js';
import { DomainError, ErrorCode } from './base/errors.js';
import type { Logger } from './base/logger.js';
import { runPeriodically } from './base/periodic.js';
import type { ServerConfig } from './config/index.js';
import { createDataSource } from './database/data-source.js';
import { LocalHints, type Hints } from './database/hints.js';
import { pendingMigrations } from './database/migrate.js';
import { Dispatch } from './dispatch/index.js';
import { entities } from './graphql/index.js';
import { checkCaFile } from './git/ca-file.js';
import { createHttpServer } from './http/index.js';
import { LogArchiver, LogReader, LogRetention } from './logs/index.js';
import { Planner } from './planner/index.js';
import { AddressGuard, Git, Mirrors, RepoCredentials } from './repos/index.js';
import { createServices, tellOfMissingKeys } from './server-services.js';
import { FolderStore, type ObjectStore } from './storage/index.js';
import {
  adoptAdministratorToken,
  createFirstAdministratorToken,
  loadServerKeys,
  masterKeysOf,
  type MasterKeys,
  type ServerKeys,
} from './tokens/index.js';
import { ensureDefaultPool } from './workers/index.js';

export interface StartServerOptions {
  readonly config: ServerConfig;
  readonly logger: Logger;
  /** Stops a start that is under way. */
  readonly signal?: AbortSignal;
}

/** A server that listens. */
export interface SlipwayServer {
  readonly url: string;
  /** The first administrator's token, when this start has made it; shown once. */
  readonly adminToken: string | undefined;
  /** For programs that live in the server's process (bench/). */
  readonly dispatch: Dispatch;
  /** Sends agents elsewhere, ends what runs, and closes every connection. */
  close(): Promise<void>;
}

/** A worker's failures: 60 s at first, 10 % longer each time, at most 30 minutes. */
const WORKER_BACKOFF = { initialS: 60, factor: 1.1, maxS: 1_800 };
/** The server revokes a lease when its cancel deadline is over; the agent's grace ends before. */
const GRACE_SHARE = 2 / 3;
const KEY_RELOAD_MS = 3_600_000;
const MAX_BUILD_ARTIFACTS = 1_000;
const DOMAIN_CONNECTIONS = 10;
/** Logs that are archived at once. */
const ARCHIVER_LANES = 3;
/** Retention counts in days. */
const RETENTION_INTERVAL_MS = 60_000;

/** The composition root: puts the parts of a server together and starts them. */
export async function startServer({ config, logger, signal }: StartServerOptions): Promise<SlipwayServer> {
  await assertMigrated(config.databaseUrl);
  signal?.throwIfAborted();
  const stops: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const step of stops.splice(0).reverse()) await step();
  };
  try {
    return await start({ config, logger, stops, stop });
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Start {
  readonly config: ServerConfig;
  readonly logger: Logger;
  /** What undoes the start so far, in the order in which it was done. */
  readonly stops: (() => Promise<unknown>)[];
  readonly stop: () => Promise<void>;
}

async function start({ config, logger, stops, stop }: Start): Promise<SlipwayServer> {
  const pool = new pg.Pool({
    connectionString: config.databaseUrl,
    application_name: 'slipway',
    max: DOMAIN_CONNECTIONS,
    statement_timeout: 30_000,
  });
  pool.on('error', (error) => logger.warn({ err: error }, 'database connection lost'));
  stops.push(() => pool.end());
  const dataSource = await openDataSource(config);
  stops.push(() => dataSource.destroy());
  const masterKeys = masterKeysOf(config.masterKey, config.masterKeysForReading);
  const keys = await keepKeys({ masterKeys, logger, pool, stops });
  await tellOfMissingKeys(pool, { masterKeys, logger });
  const adminToken = await prepareDatabase(config, pool);

  const hints = new LocalHints();
  const origins: string[] = [...config.origins];
  const dispatch = createDispatch({
    config,
    logger,
    pool,
    hints,
    keys,
    masterKeys,
    origins: () => origins,
  });
  stops.push(() => dispatch.stop());
  const git = new Git({
    caFile: await checkCaFile(config.gitCaFile),
    guard: new AddressGuard(config.gitAllowHosts),
  });
  const credentials = new RepoCredentials(pool, masterKeys);
  const planner = new Planner({
    db: pool,
    hints,
    admitGroups: (groups) => dispatch.admitGroups(groups),
    mirrors: new Mirrors({ git, dir: join(config.dataDir, 'mirrors'), credentials }),
    logger,
    clock: systemClock,
    intervalMs: config.sweepMs,
    planningMs: config.planningMs,
  });
  const services = createServices({
    pool,
    hints,
    git,
    credentials,
    dispatch,
    keys,
    masterKeys,
    origins: () => origins,
    heartbeatMs: config.heartbeatMs,
  });
  const objects = new FolderStore(resolve(config.storeDir ?? config.dataDir));
  const logs = new LogReader({ db: pool, objects });
  const artifacts = new ArtifactStore({ db: pool, objects, origins: () => origins });
  const http = await createHttpServer({
    artifacts,
    services,
    dataSource,
    db: pool,
    hints,
    logs,
    logger,
  });
  stops.push(() => http.close());
  const { url } = await http.listen(config.host, config.port);
  if (origins.length === 0) origins.push(new URL(url).origin);
  await dispatch.start();
  planner.start();
  stops.push(() => planner.stop());
  for (const service of logServices({ config, logger, pool, objects, logs })) {
    service.start();
    stops.push(() => service.stop());
  }
  return { url, adminToken, dispatch, close: stop };
}

/** What moves logs and removes them in the end. Objects that are there are readable whatever SLIPWAY_ARCHIVE says. */
function logServices(options: {
  config: ServerConfig;
  logger: Logger;
  pool: pg.Pool;
  objects: ObjectStore;
  logs: LogReader;
}): { start(): void; stop(): Promise<void> }[] {
  const { config, ...shared } = options;
  const { sweepMs, logRetentionMs: retentionMs } = config;
  const retention = new LogRetention({
    ...shared,
    clock: systemClock,
    intervalMs: RETENTION_INTERVAL_MS,
    retentionMs,
  });
  if (config.archive === 'off') return [retention];
  return [
    retention,
    new LogArchiver({ ...shared, clock: systemClock, intervalMs: sweepMs, lanes: ARCHIVER_LANES }),
  ];
}

async function assertMigrated(databaseUrl: string): Promise<void> {
  const pending = await pendingMigrations(databaseUrl);
  if (pending.length === 0) return;
  throw new DomainError(
    ErrorCode.CONFLICT,
    `the database lacks ${pending.length} migration(s), the first being ${pending[0] ?? ''}: run slipway migrate`,
  );
}

async function openDataSource(config: ServerConfig): Promise<DataSource> {
  const dataSource = createDataSource({
    url: config.databaseUrl,
    entities,
    poolSize: config.readConnections,
  });
  return dataSource.initialize();
}

/** Loads the keys, and again every hour: another replica may have rotated them. */
async function keepKeys(options: {
  masterKeys: MasterKeys;
  logger: Logger;
  pool: pg.Pool;
  stops: Start['stops'];
}): Promise<() => ServerKeys> {
  const { masterKeys, logger, pool, stops } = options;
  let keys = await loadServerKeys(pool, masterKeys);
  const reload = runPeriodically({
    name: 'keys',
    intervalMs: KEY_RELOAD_MS,
    clock: systemClock,
    logger,
    work: async () => {
      keys = await loadServerKeys(pool, masterKeys);
    },
  });
  stops.push(() => reload.stop());
  return () => keys;
}

async function prepareDatabase(config: ServerConfig, pool: pg.Pool): Promise<string | undefined> {
  await ensureDefaultPool(pool);
  if (config.adminToken === undefined) return (await createFirstAdministratorToken(pool))?.token;
  await adoptAdministratorToken(pool, config.adminToken);
  return undefined;
}

function createDispatch(options: {
  config: ServerConfig;
  logger: Logger;
  pool: pg.Pool;
  hints: Hints;
  keys: () => ServerKeys;
  masterKeys: MasterKeys;
  origins: () => readonly string[];
}): Dispatch {
  const { config, ...shared } = options;
  return new Dispatch({
    ...shared,
    databaseUrl: config.databaseUrl,
    clock: systemClock,
    replicaId: randomUUID(),
    leaseMs: config.leaseMs,
    heartbeatMs: config.heartbeatMs,
    orphanMs: config.leaseMs,
    ackMs: config.acknowledgeMs,
    cancelDeadlineMs: config.cancelGraceMs,
    deadlines: {
      prepareMs: config.prepareMs,
      cancelGraceMs: Math.round(config.cancelGraceMs * GRACE_SHARE),
    },
    backoff: WORKER_BACKOFF,
    agingMs: config.agingMs,
    sweepMs: config.sweepMs,
    artifactLimits: {
      fileBytes: config.artifactCapBytes,
      buildBytes: config.buildArtifactsCapBytes,
      buildFiles: MAX_BUILD_ARTIFACTS,
    },
    logCaps: { stepBytes: config.stepLogCapBytes, buildBytes: config.buildLogCapBytes },
  });
}
