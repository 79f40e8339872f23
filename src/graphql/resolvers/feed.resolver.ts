import { Arg, ID, Resolver, Root, Subscription } from 'type-graphql';
import { Job, type QueueDepth } from '../../jobs/index.js';
import { Worker } from '../../workers/index.js';
import type { GraphqlContext } from '../context.js';
import { followJobs, type JobFeedArguments } from '../feeds/follow-jobs.js';
import { followQueue } from '../feeds/follow-queue.js';
import { followWorkers } from '../feeds/follow-workers.js';
import { Queue } from '../types/queue.js';

/** What people follow. Each event is read from its row when it is sent. */
@Resolver()
export class FeedResolver {
  @Subscription(() => Job, {
    description: 'Jobs as they change. With `job` or `group` it begins with how they are now.',
    subscribe: ({ args, context }) => followJobs(context as GraphqlContext, args as JobFeedArguments),
  })
  jobUpdated(
    @Root() job: Job,
    @Arg('job', () => ID, { nullable: true, description: 'Only this one.' }) _job?: string | null,
    @Arg('group', () => ID, { nullable: true, description: 'Only those of this group.' })
    _group?: string | null,
    @Arg('repo', () => String, { nullable: true, description: 'Only those of this repo, "org/name".' })
    _repo?: string | null,
  ): Job {
    return job;
  }

  @Subscription(() => Worker, {
    description: 'Workers as they change.',
    subscribe: ({ context }) => followWorkers(context as GraphqlContext),
  })
  workerUpdated(@Root() worker: Worker): Worker {
    return worker;
  }

  @Subscription(() => Queue, {
    description: 'How much there is to do, now and whenever it changes.',
    subscribe: ({ context }) => followQueue(context as GraphqlContext),
  })
  queueUpdated(@Root() depth: QueueDepth): Queue {
    return depth;
  }
}
