import { Arg, Args, Ctx, ID, Int, Mutation, Query, Resolver } from 'type-graphql';
import { DomainError, ErrorCode, notFound, ValidationError } from '../../base/errors.js';
import { findJobId, Job } from '../../jobs/index.js';
import { isPriority, PRIORITY_RANGE } from '../../base/priority.js';
import { findRepo, parseRepoName } from '../../repos/index.js';
import { authorize } from '../authorize.js';
import type { GraphqlContext } from '../context.js';
import { JobsFilter } from '../inputs/jobs-filter.js';
import { PageArgs } from '../inputs/page-args.js';
import { readJobs } from '../job-pages.js';
import type { Page } from '../page.js';
import { requireRow } from '../require-row.js';
import { JobConnection } from '../types/connections.js';

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

  @Mutation(() => Job, {
    description: 'Gives a waiting job another priority, which counts among all jobs of its target.',
  })
  async setJobPriority(
    @Ctx() context: GraphqlContext,
    @Arg('id', () => ID, { description: 'Its id.' }) id: string,
    @Arg('priority', () => Int, { description: 'From -10 to 10; 0 is the usual one.' }) priority: number,
  ): Promise<Job> {
    authorize(context, 'job.prioritise');
    if (!isPriority(priority)) throw ValidationError.of('priority', priority, PRIORITY_RANGE);
    const job = await requireRow('job', context.loaders.job, id);
    const outcome = await context.services.setJobPriority(job.id, priority);
    if (outcome.kind === 'NOT_WAITING') throw notWaiting(id, outcome);
    return requireRow('job', context.loaders.job.clear(job.id), job.id);
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

function notWaiting(id: string, { state, isFinal }: { state: string; isFinal: boolean }): DomainError {
  if (isFinal) return alreadyFinal(id, state);
  return new DomainError(ErrorCode.CONFLICT, `job ${id} does not wait any more: it is ${state}`, { state });
}

function alreadyFinal(id: string, state: string): DomainError {
  return new DomainError(ErrorCode.ALREADY_FINAL, `job ${id} has ended already: it is ${state}`, { state });
}
