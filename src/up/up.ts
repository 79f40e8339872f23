import { randomBytes } from 'node:crypto';
import { Client } from '../cli/client/client.js';
import type { Terminal } from '../cli/terminal.js';
import { untilAborted } from '../cli/until-aborted.js';
import type { UpConfig } from '../config/index.js';
import { formatAllowedHost } from '../git/network.js';
import { makeUserToken } from '../protocol/user-token.js';
import { choosePort } from './choose-port.js';
import { type Folder, makeFolder } from './folder.js';
import { workerVariables } from './local-worker.js';
import { lockFolder } from './lock.js';
import { openDatabase } from './open-database.js';
import { Reporter } from './reporter.js';
import { showFirstBuild } from './show-first-build.js';
import { removeServerJson, writeServerJson } from './server-json.js';
import { secretFile } from './secret-file.js';
import { Supervisor } from './supervisor.js';

/** What {@link runUp} needs. */
export interface UpOptions {
  readonly config: UpConfig;
  readonly terminal: Terminal;
  /** Ends everything in order. */
  readonly stop: AbortSignal;
  /** Ends everything now. */
  readonly hurry: AbortSignal;
}

/**
 * Runs everything on this machine until `stop`: database, server, worker, and the sample the first time. Throws a
 * CliError when the folder is in use, or when a part of it ends by itself; the other parts are stopped then.
 */
export async function runUp(options: UpOptions): Promise<void> {
  const reporter = new Reporter(options.terminal);
  const folder = await makeFolder(options.config.dir);
  const supervisor = new Supervisor(options);
  supervisor.onStop(await lockFolder(folder.root));
  try {
    await start(options, { folder, supervisor, reporter });
    await supervisor.untilStoppedOrBroken();
  } catch (error) {
    // What a stop in the middle of the start interrupts is no failure.
    if (!options.stop.aborted) throw error;
  } finally {
    reporter.stopping();
    await supervisor.stopAll();
    reporter.stopped();
  }
}

interface Parts {
  readonly folder: Folder;
  readonly supervisor: Supervisor;
  readonly reporter: Reporter;
}

async function start(options: UpOptions, parts: Parts): Promise<void> {
  const { folder, supervisor, reporter } = parts;
  const { config, stop } = options;
  const database = await openDatabase(folder, { url: config.databaseUrl, logLevel: config.logLevel });
  supervisor.onStop(() => database.stop());
  reporter.databaseReady(config.databaseUrl === undefined);
  stop.throwIfAborted();
  const token = await secretFile(folder.adminToken, () => makeUserToken().token);
  const url = await startServer(options, { ...parts, databaseUrl: database.url, token });
  const client = new Client({ url, token }, AbortSignal.any([stop, supervisor.broken]));
  const variables = await workerVariables(client, folder, config);
  const worker = supervisor.start({ name: 'worker', args: ['worker', 'run'], variables });
  const driver = await Promise.race([worker.ready, rejectWhenAborted(stop)]);
  reporter.workerStarted(config.buildLimit, driver);
  void showFirstBuild(client, folder, options.terminal, reporter);
}

async function startServer(
  { config, stop }: UpOptions,
  parts: Parts & { readonly databaseUrl: string; readonly token: string },
): Promise<string> {
  const { folder, supervisor, reporter } = parts;
  const port = await choosePort(config.host, config.port);
  if (port !== config.port) reporter.portMoved(config.port, port);
  const server = supervisor.start({
    name: 'server',
    args: ['server'],
    variables: {
      DATABASE_URL: parts.databaseUrl,
      SLIPWAY_MASTER_KEY: await secretFile(folder.masterKey, () => randomBytes(32).toString('base64')),
      SLIPWAY_ADMIN_TOKEN: parts.token,
      SLIPWAY_HOST: config.host,
      SLIPWAY_PORT: String(port),
      SLIPWAY_DATA_DIR: folder.root,
      SLIPWAY_GIT_ALLOW_HOSTS: config.gitAllowHosts.map(formatAllowedHost).join(','),
      SLIPWAY_LOG_LEVEL: config.logLevel,
    },
  });
  const url = await Promise.race([server.ready, rejectWhenAborted(stop)]);
  await writeServerJson(folder, url);
  supervisor.onStop(() => removeServerJson(folder));
  reporter.serverReady(url);
  return url;
}

async function rejectWhenAborted(signal: AbortSignal): Promise<never> {
  await untilAborted(signal);
  throw signal.reason;
}
