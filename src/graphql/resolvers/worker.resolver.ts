import { Arg, Args, Ctx, ID, Query, Resolver } from 'type-graphql';
import { notFound, ValidationError } from '../../base/errors.js';
import { findWorkerId, listWorkers, Worker } from '../../workers/index.js';
import { authorize } from '../authorize.js';
import type { GraphqlContext } from '../context.js';
import { PageArgs } from '../inputs/page-args.js';
import { WorkersFilter } from '../inputs/workers-filter.js';
import { readPage, type Page } from '../page.js';
import { requireRow } from '../require-row.js';
import { WorkerConnection } from '../types/connections.js';

/** Workers as such; their fields are in worker-fields.resolver.ts. */
@Resolver()
export class WorkerResolver {
  @Query(() => Worker, { nullable: true, description: 'A worker, by its id or its host name.' })
  async worker(
    @Ctx() context: GraphqlContext,
    @Arg('id', () => ID, { nullable: true, description: 'Its id.' }) id?: string | null,
    @Arg('hostname', () => String, { nullable: true, description: 'Its host name.' })
    hostname?: string | null,
  ): Promise<Worker> {
    authorize(context, 'worker.read');
    if (typeof id === 'string' && !hostname) return requireRow('worker', context.loaders.worker, id);
    if (!hostname || id) throw ValidationError.of('id', { id, hostname }, 'either `id` or `hostname`');
    const found = await findWorkerId(context.db, hostname);
    if (found === undefined) throw notFound('worker', hostname);
    return requireRow('worker', context.loaders.worker, found);
  }

  @Query(() => WorkerConnection, { description: 'Workers, by host name.' })
  workers(
    @Ctx() context: GraphqlContext,
    @Args(() => PageArgs) page: PageArgs,
    @Arg('filter', () => WorkersFilter, { nullable: true, description: 'Which workers. Default: all.' })
    filter?: WorkersFilter | null,
  ): Promise<Page<Worker>> {
    authorize(context, 'worker.read');
    const status = filter?.status ?? undefined;
    return readPage(
      {
        name: 'workers',
        sortedBy: [/./],
        find: (request) => listWorkers(context.db, { ...request, status }),
        load: (ids) => context.loaders.worker.loadMany(ids),
      },
      page,
    );
  }
}
