import { Arg, Ctx, ID, Mutation, Resolver } from 'type-graphql';
import { nameOf } from '../../accounts/index.js';
import { Change } from '../../changes/index.js';
import { authorize } from '../authorize.js';
import type { GraphqlContext } from '../context.js';
import { requireRow } from '../require-row.js';

const KEY = {
  nullable: true,
  description: 'The same key again gives the same change back, instead of a further one.',
};

/** Building once more what was built. */
@Resolver()
export class RebuildResolver {
  @Mutation(() => Change, {
    description:
      'Builds what a job built once more: a new change with the same event and commit, for its project and target.',
  })
  async rebuildJob(
    @Ctx() context: GraphqlContext,
    @Arg('id', () => ID, { description: 'Id of the job. It may still run.' }) id: string,
    @Arg('idempotencyKey', () => String, KEY) idempotencyKey?: string | null,
  ): Promise<Change> {
    authorize(context, 'job.rebuild');
    const job = await requireRow('job', context.loaders.job, id);
    const sender = nameOf(context.principal);
    const change = await context.services.rebuildJob({ id: job.id, sender, idempotencyKey });
    return requireRow('change', context.loaders.change, change.id);
  }

  @Mutation(() => Change, {
    description:
      'Builds what a group was made for once more: its root project, for its target, from the same commit.',
  })
  async rebuildGroup(
    @Ctx() context: GraphqlContext,
    @Arg('id', () => ID, { description: 'Id of the group. It may still run.' }) id: string,
    @Arg('idempotencyKey', () => String, KEY) idempotencyKey?: string | null,
  ): Promise<Change> {
    authorize(context, 'job.rebuild');
    const group = await requireRow('group', context.loaders.group, id);
    const sender = nameOf(context.principal);
    const change = await context.services.rebuildGroup({ id: group.id, sender, idempotencyKey });
    return requireRow('change', context.loaders.change, change.id);
  }
}
