import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { findFreePort } from '../../src/database/embedded/free-port.js';
import { makeUserToken } from '../../src/protocol/user-token.js';
import { Client } from '../../src/cli/client/client.js';
import { slipway, startSlipway, type Outcome, type Surroundings } from '../cli/slipway.js';
import type { TestDatabase } from './database.js';
import type { TestProcess } from './processes.js';

/** Hints are lost in real life: the sweep that finds what they did not tell is quick here. */
const QUICK = { SLIPWAY_SWEEP_S: '0.2' };
/** Leases short enough for a test to outlive them, long enough for a machine that does something else for a while. */
const SHORT_LEASES = { SLIPWAY_LEASE_S: '12', SLIPWAY_HEARTBEAT_S: '2' };

/** How an {@link Installation} is configured. */
export interface InstallationOptions {
  /** Workers that fall silent are lost within seconds; otherwise the real leases hold. */
  readonly shortLeases?: boolean;
  /** Further settings of the server. */
  readonly serverEnv?: Readonly<Record<string, string>>;
}

/** How a worker of an {@link Installation} is started. */
export interface WorkerWish {
  readonly name: string;
  readonly limit?: number;
  readonly mounts?: readonly string[];
  /** Further settings. */
  readonly env?: Readonly<Record<string, string>>;
  /** `process` where steps leave traces on the machine, which a sandbox would keep them from. Default: auto. */
  readonly driver?: 'process';
}

/**
 * Server and workers as processes of their own, on a test database, driven by the command line: what a team installs,
 * on one machine. Its processes end with the run at the latest.
 */
export class Installation {
  readonly #processes: TestProcess[] = [];
  readonly #token = makeUserToken().token;
  readonly #masterKey = randomBytes(32).toString('base64');
  #port = 0;

  constructor(
    readonly database: TestDatabase,
    /** A directory of the test's own. */
    readonly directory: string,
    private readonly options: InstallationOptions = {},
  ) {}

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** An administrator's client, for more at once than processes could. */
  get client(): Client {
    return new Client({ url: this.url, token: this.#token });
  }

  /** Starts the server; again on the port that workers know. Resolves once it listens. */
  async startServer(): Promise<TestProcess> {
    this.#port ||= await findFreePort();
    const server = await startSlipway(['server'], {
      cwd: this.directory,
      env: {
        ...QUICK,
        ...(this.options.shortLeases ? SHORT_LEASES : {}),
        DATABASE_URL: this.database.url,
        SLIPWAY_MASTER_KEY: this.#masterKey,
        SLIPWAY_ADMIN_TOKEN: this.#token,
        SLIPWAY_PORT: String(this.#port),
        SLIPWAY_DATA_DIR: join(this.directory, 'server'),
        ...this.options.serverEnv,
      },
    });
    await server.waitForLine(/listening on/, { guardMs: 30_000 });
    this.#processes.push(server);
    return server;
  }

  /** Starts a worker, which enrols the first time; again with the same name it is the same worker. */
  async startWorker(wish: WorkerWish): Promise<TestProcess> {
    const state = join(this.directory, wish.name);
    await mkdir(state, { recursive: true, mode: 0o700 });
    const enrolment = await this.cli('worker', 'enrol', '--limit', '50');
    const mounts = (wish.mounts ?? []).flatMap((mount) => ['--mount', mount]);
    const args = [
      '--hostname',
      wish.name,
      '--limit',
      String(wish.limit ?? 1),
      '--allow-unsandboxed',
      '--driver',
      wish.driver ?? 'auto',
      ...mounts,
    ];
    const worker = await startSlipway(['worker', 'run', ...args], {
      cwd: this.directory,
      env: {
        SLIPWAY_SERVER: this.url,
        SLIPWAY_STATE_DIR: state,
        SLIPWAY_ENROLMENT: enrolment.stdout.trim(),
        ...wish.env,
      },
    });
    this.#processes.push(worker);
    return worker;
  }

  /** Ends what still runs, newest first, as an operator does. Rejects unless every process says goodbye with 0. */
  async stop(): Promise<void> {
    for (const process of this.#processes.splice(0).reverse()) {
      if (!process.isRunning) continue;
      await process.kill('SIGTERM');
      const { code } = await process.exit;
      if (code !== 0) throw new Error(`a process ended with ${code}: ${process.output}`);
    }
  }

  /** Runs a client command as an administrator. */
  cli(...args: string[]): Promise<Outcome> {
    return this.cliWith({}, ...args);
  }

  /** The same, with something on standard input or in its environment. */
  cliWith({ input, env = {} }: Pick<Surroundings, 'input' | 'env'>, ...args: string[]): Promise<Outcome> {
    return slipway(args, {
      cwd: this.directory,
      env: { SLIPWAY_SERVER: this.url, SLIPWAY_TOKEN: this.#token, ...env },
      ...(input === undefined ? {} : { input }),
    });
  }
}
