import { Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import { Build } from '../../builds/index.js';
import { Group } from '../../groups/index.js';
import { Job } from '../../jobs/index.js';
import { WaitingReason } from '../../jobs/waiting.state.js';
import { Project } from '../../projects/index.js';
import { Repo } from '../../repos/index.js';
import { Worker } from '../../workers/index.js';
import type { GraphqlContext } from '../context.js';
import { requireRow } from '../require-row.js';
import { Waiting } from '../types/waiting.js';

/** What belongs to jobs. */
@Resolver(() => Job)
export class JobFieldsResolver {
  @FieldResolver(() => Repo, { description: 'Repo that it builds.' })
  repo(@Root() job: Job, @Ctx() { loaders }: GraphqlContext): Promise<Repo> {
    return requireRow('repo', loaders.repo, job.repoId);
  }

  @FieldResolver(() => Project, { description: 'Project that it builds.' })
  project(@Root() job: Job, @Ctx() { loaders }: GraphqlContext): Promise<Project> {
    return requireRow('project', loaders.project, job.projectId);
  }

  @FieldResolver(() => Group, { description: 'Group that it belongs to.' })
  group(@Root() job: Job, @Ctx() { loaders }: GraphqlContext): Promise<Group> {
    return requireRow('group', loaders.group, job.groupId);
  }

  @FieldResolver(() => [Build], { description: 'Its offers and attempts, oldest first.' })
  builds(@Root() job: Job, @Ctx() { loaders }: GraphqlContext): Promise<readonly Build[]> {
    return loaders.buildsOfJob.load(job.id);
  }

  @FieldResolver(() => Build, { nullable: true, description: 'The last of its builds.' })
  async currentBuild(@Root() job: Job, @Ctx() { loaders }: GraphqlContext): Promise<Build | null> {
    const builds = await loaders.buildsOfJob.load(job.id);
    return builds.at(-1) ?? null;
  }

  @FieldResolver(() => Worker, { nullable: true, description: 'Worker of its last build.' })
  async worker(@Root() job: Job, @Ctx() context: GraphqlContext): Promise<Worker | null> {
    const build = await this.currentBuild(job, context);
    return build && context.loaders.worker.load(build.workerId);
  }

  @FieldResolver(() => WaitingReason, { nullable: true, description: 'Why it waits; null unless PENDING.' })
  reason(@Root() job: Job, @Ctx() { loaders }: GraphqlContext): Promise<WaitingReason | null> {
    return job.state === 'PENDING'
      ? loaders.jobWait.load(job.id).then((wait) => wait?.reason ?? null)
      : Promise.resolve(null);
  }

  @FieldResolver(() => Waiting, { nullable: true, description: 'What it waits for; null unless PENDING.' })
  async waiting(@Root() job: Job, @Ctx() { loaders }: GraphqlContext): Promise<Waiting | null> {
    if (job.state !== 'PENDING') return null;
    const [wait, ahead] = await Promise.all([
      loaders.jobWait.load(job.id),
      loaders.placeInQueue.load(job.id),
    ]);
    return wait && { ...wait, ahead };
  }

  @FieldResolver(() => Int, {
    description: 'From -10 to 10: higher ones are served first, lower ones rise by waiting.',
  })
  async priority(@Root() job: Job, @Ctx() { loaders }: GraphqlContext): Promise<number> {
    return (await loaders.jobPriority.load(job.id)) ?? 0;
  }
}
