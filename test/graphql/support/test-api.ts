import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pool, type PoolClient } from 'pg';
import type { DataSource } from 'typeorm';
import { createLogger, type Logger } from '../../../src/base/logger.js';
import { createDataSource } from '../../../src/database/data-source.js';
import { LocalHints } from '../../../src/database/hints.js';
import { entities, type GraphqlServices } from '../../../src/graphql/index.js';
import { ArtifactStore } from '../../../src/artifacts/index.js';
import { LogReader } from '../../../src/logs/index.js';
import { createHttpServer, type HttpServer } from '../../../src/http/index.js';
import { createApiToken } from '../../../src/tokens/index.js';
import { FolderStore } from '../../../src/storage/index.js';
import type { TestDatabase } from '../../support/database.js';
import { SocketClient, type ApiError } from './socket-client.js';
import { testServices } from './test-services.js';

/** Answer of the API over HTTP. */
export interface ApiAnswer {
  readonly status: number;
  readonly data: Record<string, unknown> | null | undefined;
  readonly errors: readonly ApiError[];
  /** Code of the first error. */
  readonly code: string | undefined;
}

/** A server for the tests of one `describe`, with an administrator's token. */
export function testApi(database: TestDatabase, services: Partial<GraphqlServices> = {}): TestApi {
  const api = new TestApi();
  before('start a server', () => api.start(database, services));
  after('stop the server', () => api.stop());
  return api;
}

/** See {@link testApi}. */
export class TestApi {
  readonly hints = new LocalHints();
  /** Where archived logs are; a test puts them there. */
  readonly objects: FolderStore;
  readonly #folder = join(tmpdir(), `slipway-api-${randomUUID()}`);
  /** Statements that were run, by entities and by SQL alike; a test empties it. */
  readonly statements: string[] = [];
  url = '';
  token = '';
  #open: { server: HttpServer; dataSource: DataSource; pool: Pool } | undefined;
  readonly #sockets: SocketClient[] = [];

  constructor() {
    this.objects = new FolderStore(this.#folder);
  }

  async start(database: TestDatabase, services: Partial<GraphqlServices>): Promise<void> {
    const dataSource = createDataSource({ url: database.url, entities });
    await dataSource.initialize();
    const pool = new Pool({ connectionString: database.url, max: 5 });
    this.#record(pool);
    const { master } = dataSource.driver as unknown as { master: Pool };
    this.#record(master);
    const server = await createHttpServer({
      services: testServices(services),
      dataSource,
      db: pool,
      hints: this.hints,
      artifacts: new ArtifactStore({ db: pool, objects: this.objects, origins: () => [this.url] }),
      logs: new LogReader({ db: pool, objects: this.objects }),
      logger: testLogger(),
    });
    this.url = (await server.listen('127.0.0.1', 0)).url;
    this.token = (await createApiToken(pool, { name: 'test', scopes: ['admin'], lifeS: 3600 })).token;
    this.#open = { server, dataSource, pool };
  }

  async stop(): Promise<void> {
    await this.#open?.server.close();
    await Promise.all(this.#sockets.map((socket) => socket.closed.promise));
    await this.#open?.dataSource.destroy();
    await this.#open?.pool.end();
    await rm(this.#folder, { recursive: true, force: true });
  }

  get pool(): Pool {
    if (!this.#open) throw new Error('the server is not started');
    return this.#open.pool;
  }

  /** Sends an operation; with the administrator's token unless told otherwise (null: none). */
  async ask(
    query: string,
    variables: Record<string, unknown> = {},
    token: string | null = this.token,
  ): Promise<ApiAnswer> {
    const response = await fetch(`${this.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/graphql-response+json',
        ...(token !== null && { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ query, variables }),
    });
    const body = (await response.json()) as Partial<ApiAnswer>;
    const errors = body.errors ?? [];
    return { status: response.status, data: body.data, errors, code: errors[0]?.extensions.code };
  }

  /** A new socket; closed at the end of the tests at the latest. */
  socket(protocols?: string[]): SocketClient {
    const client = new SocketClient(this.url, protocols);
    this.#sockets.push(client);
    return client;
  }

  /** A socket that is authenticated with a token. */
  async person(token = this.token): Promise<SocketClient> {
    const client = this.socket();
    await client.connect({ authorization: `Bearer ${token}` });
    return client;
  }

  #record(pool: Pool): void {
    pool.on('connect', (client: PoolClient) => {
      const run = client.query.bind(client) as (...args: unknown[]) => unknown;
      const record = (...args: unknown[]): unknown => {
        this.statements.push(typeof args[0] === 'string' ? args[0] : JSON.stringify(args[0]));
        return run(...args);
      };
      client.query = record as typeof client.query;
    });
  }
}

/** Says nothing unless a test is looked into. */
function testLogger(): Logger {
  return createLogger({ name: 'test', level: 'silent' });
}
