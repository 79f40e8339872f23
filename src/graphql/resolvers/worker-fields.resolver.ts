import { GraphQLDateTime } from 'graphql-scalars';
import { Ctx, FieldResolver, ID, Resolver, Root } from 'type-graphql';
import { Pool, Worker } from '../../workers/index.js';
import type { GraphqlContext } from '../context.js';
import { Label } from '../types/label.js';

/** What belongs to workers. Facts come from leases and sessions, never from what a worker says of itself. */
@Resolver(() => Worker)
export class WorkerFieldsResolver {
  @FieldResolver(() => [ID], { description: 'Builds that it has accepted and that are not over.' })
  async runningBuildIds(
    @Root() worker: Worker,
    @Ctx() { loaders }: GraphqlContext,
  ): Promise<readonly string[]> {
    const presence = await loaders.presence.load(worker.id);
    return presence?.runningBuildIds ?? [];
  }

  @FieldResolver(() => GraphQLDateTime, { nullable: true, description: 'When it last gave a sign of life.' })
  async lastCheckedInAt(@Root() worker: Worker, @Ctx() { loaders }: GraphqlContext): Promise<Date | null> {
    const presence = await loaders.presence.load(worker.id);
    return presence?.lastCheckedInAt ?? worker.recordedCheckInAt;
  }

  @FieldResolver(() => Pool, { nullable: true, description: 'Pool that it belongs to.' })
  pool(@Root() worker: Worker, @Ctx() { loaders }: GraphqlContext): Promise<Pool | null> {
    return loaders.pool.load(worker.poolId);
  }

  @FieldResolver(() => [Label], { description: 'Its labels, by name.' })
  labels(@Root() worker: Worker): readonly Label[] {
    return Object.entries(worker.labelMap)
      .map(([name, value]) => ({ name, value }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}
