import { Arg, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { Change } from '../../changes/index.js';
import { Group } from '../../groups/index.js';
import { Job } from '../../jobs/index.js';
import { Repo } from '../../repos/index.js';
import { authorize } from '../authorize.js';
import type { GraphqlContext } from '../context.js';
import { CreateChangeInput } from '../inputs/create-change.input.js';
import { requireRow } from '../require-row.js';
import { ChangeProblem } from '../types/change-problem.js';

/** Changes. */
@Resolver(() => Change)
export class ChangeResolver {
  @Query(() => Change, { nullable: true, description: 'A change.' })
  change(
    @Ctx() context: GraphqlContext,
    @Arg('id', () => ID, { description: 'Its id.' }) id: string,
  ): Promise<Change> {
    authorize(context, 'change.read');
    return requireRow('change', context.loaders.change, id);
  }

  @Mutation(() => Change, { description: 'Says that something is to be built. Planning follows at once.' })
  async createChange(
    @Ctx() context: GraphqlContext,
    @Arg('input', () => CreateChangeInput, { description: 'The change.' }) input: CreateChangeInput,
  ): Promise<Change> {
    authorize(context, 'change.create');
    const { project, projects, ...change } = input;
    const named = typeof project === 'string' ? [project, ...(projects ?? [])] : projects;
    const { id } = await context.services.createChange({ ...change, projects: named });
    return requireRow('change', context.loaders.change, id);
  }

  @FieldResolver(() => Repo, { description: 'Repo that changed.' })
  repo(@Root() change: Change, @Ctx() { loaders }: GraphqlContext): Promise<Repo> {
    return requireRow('repo', loaders.repo, change.repoId);
  }

  @FieldResolver(() => Change, { nullable: true, description: 'The change that it builds once more.' })
  rebuildOf(@Root() change: Change, @Ctx() { loaders }: GraphqlContext): Promise<Change | null> {
    return change.rebuildOfId === null ? Promise.resolve(null) : loaders.change.load(change.rebuildOfId);
  }

  @FieldResolver(() => String, { nullable: true, description: 'Why its planning failed, for people.' })
  error(@Root() change: Change): string | null {
    return change.failure?.message ?? null;
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'The same as a code, such as PIPELINE_INVALID.',
  })
  errorCode(@Root() change: Change): string | null {
    return change.failure?.code ?? null;
  }

  @FieldResolver(() => [ChangeProblem], { description: 'What is wrong with its pipeline file.' })
  problems(@Root() change: Change): readonly ChangeProblem[] {
    return change.failure?.problems ?? [];
  }

  @FieldResolver(() => [Group], { description: 'What it became.' })
  async groups(@Root() change: Change, @Ctx() { loaders }: GraphqlContext): Promise<readonly Group[]> {
    const links = await loaders.groupIdsOfChange.load(change.id);
    return Promise.all(links.map(({ groupId }) => requireRow('group', loaders.group, groupId)));
  }

  @FieldResolver(() => [Job], { description: 'Jobs of its groups.' })
  async jobs(@Root() change: Change, @Ctx() { loaders }: GraphqlContext): Promise<readonly Job[]> {
    const links = await loaders.groupIdsOfChange.load(change.id);
    const jobs = await Promise.all(links.map(({ groupId }) => loaders.jobsOfGroup.load(groupId)));
    return jobs.flat();
  }
}
