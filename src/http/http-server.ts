import { fastifyApolloHandler } from '@as-integrations/fastify';
import { fastify, type FastifyInstance, type FastifyRequest } from 'fastify';
import { randomUUID } from 'node:crypto';
import { authenticate } from '../accounts/index.js';
import { systemClock } from '../base/clock.js';
import type { Logger } from '../base/logger.js';
import {
  createApollo,
  operationContext,
  refusalOf,
  SocketServer,
  type GraphqlBackend,
  type GraphqlContext,
} from '../graphql/index.js';
import type { ArtifactStore } from '../artifacts/index.js';
import { addArtifactRoutes } from './artifact-routes.js';
import { closeGracefully } from './close-gracefully.js';
import { addHealthRoutes } from './health.js';
import { addLogDownloads } from './log-downloads.js';
import { addRefusals } from './refusals.js';

const GRAPHQL_PATH = '/graphql';
const BODY_LIMIT_BYTES = 1024 * 1024;

/** What the server is made of. `db` runs the SQL of the domains, `dataSource` (with `entities`) reads rows by id. */
export interface HttpServerOptions extends Omit<GraphqlBackend, 'clock'> {
  readonly clock?: GraphqlBackend['clock'];
  readonly artifacts: ArtifactStore;
  readonly logger: Logger;
}

/** The one port: GraphQL over HTTP and WebSockets, and the health of the process. */
export interface HttpServer {
  /** Port 0 takes a free one. Rejects with EADDRINUSE when the port is taken. */
  listen(host: string, port: number): Promise<{ readonly url: string }>;
  /** Closes sockets with 4414, lets requests end, and resolves when nothing is open. */
  close(): Promise<void>;
}

/** Puts the server together; it listens once it is told to. */
export async function createHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { logger, clock = systemClock, services, dataSource, db, hints, logs } = options;
  const backend: GraphqlBackend = { clock, services, dataSource, db, hints, logs };
  const app = fastify({ bodyLimit: BODY_LIMIT_BYTES, genReqId: () => randomUUID(), logger: false });
  const apollo = createApollo(logger);
  await apollo.start();

  addRefusals(app, { logger, bodyLimitBytes: BODY_LIMIT_BYTES });
  addHealthRoutes(app, db);
  addLogDownloads(app, { db, logs });
  addArtifactRoutes(app, { db, artifacts: options.artifacts });
  app.addHook('onRequest', (request, reply, done) => {
    void reply.headers({ 'x-request-id': request.id, 'x-content-type-options': 'nosniff' });
    done();
  });
  app.route({
    method: ['GET', 'POST'],
    url: GRAPHQL_PATH,
    handler: fastifyApolloHandler(apollo, { context: (request) => contextOf(backend, request) }),
  });
  const sockets = new SocketServer({ backend, logger, path: GRAPHQL_PATH });
  sockets.attach(app.server);
  return {
    listen: (host, port) => listen(app, host, port),
    close: async () => {
      await sockets.close();
      await closeGracefully(app);
      await apollo.stop();
    },
  };
}

async function listen(app: FastifyInstance, host: string, port: number): Promise<{ readonly url: string }> {
  return { url: await app.listen({ host, port }) };
}

async function contextOf(backend: GraphqlBackend, request: FastifyRequest): Promise<GraphqlContext> {
  const { authorization } = request.headers;
  const recheck = async (): Promise<void> => void (await authenticate(backend.db, authorization));
  try {
    const principal = await authenticate(backend.db, authorization);
    return operationContext(backend, { requestId: request.id, principal, recheck, isStream: false });
  } catch (error) {
    throw refusalOf(error);
  }
}
