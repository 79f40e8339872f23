import { Arg, Ctx, FieldResolver, Int, Query, Resolver } from 'type-graphql';
import { ValidationError } from '../../base/errors.js';
import { countQueue, Job } from '../../jobs/index.js';
import { authorize } from '../authorize.js';
import type { GraphqlContext } from '../context.js';
import { Queue } from '../types/queue.js';

const MOST = 100;

/** What waits. */
@Resolver(() => Queue)
export class QueueResolver {
  @Query(() => Queue, { description: 'How much there is to do, and in which order.' })
  queue(@Ctx() context: GraphqlContext): Promise<Queue> {
    authorize(context, 'job.read');
    return countQueue(context.db);
  }

  @FieldResolver(() => [Job], {
    description:
      'Waiting jobs in the order of service, target by target, as things stand; those that are held up by a limit or by missing workers come last of their target.',
  })
  async next(
    @Ctx() context: GraphqlContext,
    @Arg('first', () => Int, { defaultValue: 20, description: 'How many, from 1 to 100.' }) first: number,
    @Arg('target', () => String, { nullable: true, description: 'Only those for this platform.' })
    target?: string | null,
  ): Promise<readonly Job[]> {
    if (first < 1 || first > MOST) throw ValidationError.of('first', first, `a number from 1 to ${MOST}`);
    const ids = await context.services.nextJobs({ target: target ?? undefined, limit: first });
    const jobs = await Promise.all(ids.map((id) => context.loaders.job.load(id)));
    return jobs.filter((job) => job?.state === 'PENDING') as Job[];
  }
}
