import { Arg, Args, Ctx, ID, Int, Mutation, Query, Resolver } from 'type-graphql';
import { DomainError, ErrorCode, notFound } from '../../base/errors.js';
import { countQueue, findJobId, Job } from '../../jobs/index.js';
import { findRepo, parseRepoName } from '../../repos/index.js';
import { authorize } from '../authorize.js';
import type { GraphqlContext } from '../context.js';
import { JobsFilter } from '../inputs/jobs-filter.js';
import { PageArgs } from '../inputs/page-args.js';
import { readJobs } from '../job-pages.js';
import type { Page } from '../page.js';
import { requireRow } from '../require-row.js';
import { JobConnection } from '../types/connections.js';
import { Queue } from '../types/queue.js';

/** Jobs as such; their fields are in job-fields.resolver.ts. */
@Resolver()
export class JobResolver {
  @Query(() => Job, { nullable: true, description: 'A job.' })
  job(
    @Ctx() context: GraphqlContext,
    @Arg('id', () => ID, { description: 'Its id.' }) id: string,
  ): Promise<Job> {
    authorize(context, 'job.read');
    return requireRow('job', context.loaders.job, id);
  }

  @Query(() => Job, { nullable: true, description: 'What people call "build 17" of a repo.' })
  async jobByNumber(
    @Ctx() context: GraphqlContext,
    @Arg('repo', () => String, { description: 'Repo as "org/name".' }) repo: string,
    @Arg('number', () => Int, { description: 'Number within the repo.' }) number: number,
  ): Promise<Job> {
    authorize(context, 'job.read');
    const found = await findRepo(context.db, parseRepoName(repo));
    const id = found && (await findJobId(context.db, { repoId: found.id, number }));
    if (!id) throw notFound('job', `${repo} #${number}`);
    return requireRow('job', context.loaders.job, id);
  }

  @Query(() => JobConnection, { description: 'Jobs, newest first.' })
  jobs(
    @Ctx() context: GraphqlContext,
    @Args(() => PageArgs) page: PageArgs,
    @Arg('filter', () => JobsFilter, { nullable: true, description: 'Which jobs. Default: all.' })
    filter?: JobsFilter | null,
  ): Promise<Page<Job>> {
    authorize(context, 'job.read');
    return readJobs(context, page, filter ?? {});
  }

  @Query(() => Queue, { description: 'How much there is to do.' })
  queue(@Ctx() context: GraphqlContext): Promise<Queue> {
    authorize(context, 'job.read');
    return countQueue(context.db);
  }

  @Mutation(() => Job, { description: 'Cancels a job. What runs gets time to end by itself.' })
  async cancelJob(
    @Ctx() context: GraphqlContext,
    @Arg('id', () => ID, { description: 'Its id.' }) id: string,
  ): Promise<Job> {
    authorize(context, 'job.cancel');
    const job = await requireRow('job', context.loaders.job, id);
    const outcome = await context.services.cancelJob(job.id, 'canceled by an operator');
    if (outcome.kind === 'ALREADY_FINAL') throw alreadyFinal(id, outcome.state);
    return requireRow('job', context.loaders.job.clear(job.id), job.id);
  }
}

function alreadyFinal(id: string, state: string): DomainError {
  return new DomainError(ErrorCode.ALREADY_FINAL, `job ${id} has ended already: it is ${state}`, { state });
}
