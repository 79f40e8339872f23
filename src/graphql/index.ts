export { authorize } from './authorize.js';
export { createApollo, refusalOf } from './apollo.js';
export type { GraphqlBackend, GraphqlContext } from './context.js';
export { entities } from './entities.js';
export { formatError } from './format-error.js';
export { HTTP_STATUS } from './http-status.js';
export { readId } from './ids.js';
export { operationContext } from './operation-context.js';
export { apiSchema, printApiSchema } from './schema.js';
export type {
  AdministerWorkerRequest,
  CancelJobOutcome,
  GraphqlServices,
  OpenSessionOutcome,
  RowReference,
  WorkerSessionPort,
} from './services.js';
export { SocketServer } from './socket/socket-server.js';
