import type { Principal } from '../accounts/index.js';
import type { GraphqlBackend, GraphqlContext } from './context.js';
import { createLoaders, type Loaders } from './loaders.js';
import type { WorkerSessionPort } from './services.js';

/** What makes one operation different from another. */
export interface OperationScope {
  readonly requestId: string;
  readonly principal: Principal;
  readonly recheck: () => Promise<void>;
  readonly session?: WorkerSessionPort;
  /** Rows may change while it lasts: loaders must not remember. */
  readonly isStream: boolean;
}

/** The context of one operation. Its loaders are made on first use: most operations of workers need none. */
export function operationContext(backend: GraphqlBackend, scope: OperationScope): GraphqlContext {
  let loaders: Loaders | undefined;
  return {
    ...backend,
    requestId: scope.requestId,
    principal: scope.principal,
    recheck: scope.recheck,
    ...(scope.session && { session: scope.session }),
    get loaders() {
      const { dataSource, db, services } = backend;
      loaders ??= createLoaders({
        dataSource,
        db,
        cache: !scope.isStream,
        placesInQueue: (jobIds) => services.placesInQueue(jobIds),
      });
      return loaders;
    },
  };
}
