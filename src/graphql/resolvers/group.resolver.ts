import { Arg, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import { Change } from '../../changes/index.js';
import { Group, GroupProject } from '../../groups/index.js';
import { Job } from '../../jobs/index.js';
import { Project } from '../../projects/index.js';
import { authorize } from '../authorize.js';
import type { GraphqlContext } from '../context.js';
import { requireRow } from '../require-row.js';
import { Waiting } from '../types/waiting.js';

/** Groups. */
@Resolver(() => Group)
export class GroupResolver {
  @Query(() => Group, { nullable: true, description: 'A group.' })
  group(
    @Ctx() context: GraphqlContext,
    @Arg('id', () => ID, { description: 'Its id.' }) id: string,
  ): Promise<Group> {
    authorize(context, 'job.read');
    return requireRow('group', context.loaders.group, id);
  }

  @FieldResolver(() => Project, { description: 'The project that it was made for.' })
  project(@Root() group: Group, @Ctx() { loaders }: GraphqlContext): Promise<Project> {
    return requireRow('project', loaders.project, group.rootProjectId);
  }

  @FieldResolver(() => Change, { description: 'The change that it was made for.' })
  change(@Root() group: Group, @Ctx() { loaders }: GraphqlContext): Promise<Change> {
    return requireRow('change', loaders.change, group.changeId);
  }

  @FieldResolver(() => Group, { nullable: true, description: 'The group whose work it repeats.' })
  rebuildOf(@Root() group: Group, @Ctx() { loaders }: GraphqlContext): Promise<Group | null> {
    return group.rebuildOfId === null ? Promise.resolve(null) : loaders.group.load(group.rebuildOfId);
  }

  @FieldResolver(() => [GroupProject], { description: 'Its graph.' })
  nodes(@Root() group: Group, @Ctx() { loaders }: GraphqlContext): Promise<readonly GroupProject[]> {
    return loaders.nodesOfGroup.load(group.id);
  }
}

/** Nodes of groups. */
@Resolver(() => GroupProject)
export class GroupProjectResolver {
  @FieldResolver(() => Project, { description: 'What it builds.' })
  project(@Root() node: GroupProject, @Ctx() { loaders }: GraphqlContext): Promise<Project> {
    return requireRow('project', loaders.project, node.projectId);
  }

  @FieldResolver(() => Waiting, {
    nullable: true,
    description: 'What it waits for before it gets a job; null once it has started, or ended.',
  })
  waiting(@Root() node: GroupProject): Waiting | null {
    if (node.state !== 'NOT_STARTED') return null;
    return { reason: 'WAITING_FOR_DEPENDENCIES', ahead: node.waitingOn, until: null };
  }

  @FieldResolver(() => Job, { nullable: true, description: 'Its job, once its dependencies succeeded.' })
  async job(@Root() node: GroupProject, @Ctx() { loaders }: GraphqlContext): Promise<Job | null> {
    const jobs = await loaders.jobsOfNode.load(node.id);
    return jobs.at(-1) ?? null;
  }
}
