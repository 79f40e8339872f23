import { systemClock } from '../../base/clock.js';
import { DomainError, ErrorCode } from '../../base/errors.js';
import type { Logger } from '../../base/logger.js';
import { locatePackage, prepareBinaries } from './binaries.js';
import { type Cluster, ensureCluster, SUPERUSER } from './cluster.js';
import { findFreePort } from './free-port.js';
import { findHome, makeDataDir } from './home.js';
import { stopLeftover } from './leftover.js';
import { takeOwnership } from './ownership.js';
import { Postmaster, type PostmasterOptions } from './postmaster.js';
import type { Durability } from './settings.js';

/** What {@link EmbeddedPostgres.open} needs. */
export interface EmbeddedPostgresOptions {
  /** Made when missing; everything of the cluster is in it or linked from it. */
  readonly dataDir: string;
  readonly logger: Logger;
  readonly durability: Durability;
}

/** Tries for a start; each takes a new port, the later ones wait for a killed server's last processes to go. */
const START_ATTEMPTS = 20;
const RETRY_AFTER_MS = 250;
const WORTH_A_RETRY = /Address already in use|pre-existing shared memory block/;

/**
 * A PostgreSQL server of our own, from the binaries in an npm package, for `npm start` and tests. It ends with this
 * process, however that ends. Production gives DATABASE_URL instead.
 * @example
 * const postgres = await EmbeddedPostgres.open({ dataDir: '.slipway/postgres', logger, durability: 'safe' });
 * const pool = new Pool({ connectionString: postgres.url });
 */
export class EmbeddedPostgres {
  /** Address of the database `postgres` for the superuser. It holds the password: do not log it. */
  readonly url: string;
  readonly #postmaster: Postmaster;
  readonly #giveUp: () => Promise<void>;
  #stopped: Promise<void> | undefined;

  private constructor(url: string, postmaster: Postmaster, giveUp: () => Promise<void>) {
    this.url = url;
    this.#postmaster = postmaster;
    this.#giveUp = giveUp;
  }

  /**
   * Starts the server of a data directory, making the cluster the first time (about a second). Works as root, after a
   * kill -9, and without the package's install script. Throws a `DomainError`: CONFLICT while another process uses the
   * directory, STORE_UNAVAILABLE where the system cannot run it; both say what to do.
   */
  static async open(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
    const dataDir = await makeDataDir(options.dataDir);
    const giveUp = await takeOwnership(dataDir);
    try {
      const home = await findHome(dataDir);
      const nativeDir = await prepareBinaries(await locatePackage(), home.dir, home.account);
      const cluster = await ensureCluster({ ...home, ...options, home: home.dir, nativeDir });
      await stopLeftover(cluster.dir, options.logger);
      const start = { ...options, nativeDir, clusterDir: cluster.dir, account: home.account };
      const { postmaster, port } = await startOnFreePort(start);
      return new EmbeddedPostgres(urlOf(cluster, port), postmaster, giveUp);
    } catch (error) {
      await giveUp();
      throw error;
    }
  }

  /** Ends the server; resolves when nothing of it runs any more. A second call waits for the first. */
  stop(): Promise<void> {
    this.#stopped ??= this.#postmaster.stop().then(this.#giveUp);
    return this.#stopped;
  }
}

async function startOnFreePort(
  options: Omit<PostmasterOptions, 'port'>,
): Promise<{ postmaster: Postmaster; port: number }> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await findFreePort();
    const outcome = await Postmaster.start({ ...options, port });
    if (outcome.started) return { postmaster: outcome.postmaster, port };
    if (attempt === START_ATTEMPTS || !WORTH_A_RETRY.test(outcome.output)) {
      const message = `PostgreSQL did not start in ${options.clusterDir}: ${outcome.output}`;
      throw new DomainError(ErrorCode.STORE_UNAVAILABLE, message);
    }
    await systemClock.sleep(RETRY_AFTER_MS);
  }
}

function urlOf(cluster: Cluster, port: number): string {
  return `postgres://${SUPERUSER}:${cluster.password}@127.0.0.1:${port}/postgres`;
}
