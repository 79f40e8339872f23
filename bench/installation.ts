import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Pool } from 'pg';
import { createLogger } from '../src/base/logger.js';
import { addRepo, createEnrolment } from '../src/cli/operations.js';
import { Client } from '../src/cli/client/client.js';
import { compileServerConfig } from '../src/config/compile-server-config.js';
import { migrate } from '../src/migrate.js';
import { defaultTarget } from '../src/projects/index.js';
import { startServer, type SlipwayServer } from '../src/server.js';
import { makeSampleRepo } from '../src/up/sample-repo.js';
import { Fleet } from './fleet/fleet.js';

/** Everything that a bench runs on: a server in this process, agents in another one, and a repo to build. */
export interface Installation {
  readonly server: SlipwayServer;
  readonly client: Client;
  readonly fleet: Fleet;
  readonly pool: Pool;
  readonly repo: BenchRepo;
  close(): Promise<void>;
}

/** The one repo of a bench. */
export interface BenchRepo {
  readonly id: string;
  readonly projectId: string;
  readonly name: string;
  readonly cloneUrl: string;
  readonly target: string;
}

export interface InstallationOptions {
  readonly databaseUrl: string;
  /** Directory for everything that is kept in files. */
  readonly dir: string;
  readonly agents: number;
  readonly slots: number;
}

const REPO = 'bench/hello';

/** Starts a server on an empty database, and connects agents to it as they would anywhere. */
export async function openInstallation(options: InstallationOptions): Promise<Installation> {
  const { databaseUrl, dir, agents, slots } = options;
  await migrate(databaseUrl);
  const server = await startServer({
    config: compileServerConfig({
      DATABASE_URL: databaseUrl,
      SLIPWAY_MASTER_KEY: randomBytes(32).toString('base64'),
      SLIPWAY_PORT: '0',
      SLIPWAY_DATA_DIR: join(dir, 'server'),
      SLIPWAY_STEP_LOG_CAP_MIB: '100000',
      SLIPWAY_BUILD_LOG_CAP_MIB: '100000',
    }),
    logger: createLogger({ name: 'bench', level: 'warn' }),
  });
  const pool = new Pool({ connectionString: databaseUrl, max: 2 });
  const fleet = new Fleet();
  const close = async (): Promise<void> => {
    await fleet.close();
    await server.close();
    await pool.end();
  };
  try {
    const client = new Client({ url: server.url, token: server.adminToken });
    const repo = await makeRepo(client, pool, join(dir, 'repo'));
    const enrolment = await client.request(createEnrolment, {
      input: { targets: [repo.target], buildLimit: slots, maxUses: agents },
    });
    const stateDir = join(dir, 'agents');
    await mkdir(stateDir);
    await fleet.call('connect', {
      serverUrl: server.url,
      enrolmentToken: enrolment.createEnrolment.token,
      target: repo.target,
      agents,
      slots,
      stateDir,
    });
    return { server, client, fleet, pool, repo, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The sample repo, without the limit that a repo has at first: the bench is about the server's. */
async function makeRepo(client: Client, pool: Pool, path: string): Promise<BenchRepo> {
  await makeSampleRepo(path);
  const [org = '', name = ''] = REPO.split('/');
  await client.request(addRepo, { input: { org, name, cloneUrl: path, defaultBranch: 'main' } });
  const { rows } = await pool.query<{ id: string; project_id: string }>(
    `update repos r set build_limit = 1000000 from projects p where p.repo_id = r.id returning r.id, p.id as project_id`,
  );
  const [row] = rows;
  if (row === undefined) throw new Error(`the repo ${REPO} was added and is not there`);
  const target = await defaultTarget(pool);
  return { id: row.id, projectId: row.project_id, name: REPO, cloneUrl: path, target };
}
