import type { DataSource } from 'typeorm';
import type { Principal } from '../accounts/index.js';
import type { Clock } from '../base/clock.js';
import type { Hints } from '../database/hints.js';
import type { LogReader } from '../logs/index.js';
import type { Queryable } from '../database/queryable.js';
import type { Loaders } from './loaders.js';
import type { GraphqlServices, WorkerSessionPort } from './services.js';

/** What resolvers have, whatever operation they work for. */
export interface GraphqlBackend {
  readonly services: GraphqlServices;
  /** Entities and their loaders. */
  readonly dataSource: DataSource;
  /** SQL of the domains. */
  readonly db: Queryable;
  readonly hints: Hints;
  readonly logs: LogReader;
  readonly clock: Clock;
}

/** What a resolver has for one operation. */
export interface GraphqlContext extends GraphqlBackend {
  readonly requestId: string;
  readonly principal: Principal;
  readonly loaders: Loaders;
  /** Looks again whether the principal still is who it was; throws UNAUTHENTICATED otherwise. For streams. */
  readonly recheck: () => Promise<void>;
  /** The session of the worker whose socket the operation came on. */
  readonly session?: WorkerSessionPort;
}
