import { Arg, Ctx, Int, Mutation, Query, Resolver } from 'type-graphql';
import type * as tokens from '../../tokens/index.js';
import { authorize } from '../authorize.js';
import type { GraphqlContext } from '../context.js';
import { MasterKeyRotation, MasterKeyState } from '../types/master-keys.js';

/** The keys under which secrets are stored: their names, never themselves. */
@Resolver()
export class MasterKeyResolver {
  @Query(() => MasterKeyState, { description: 'Which master keys are in use; for administrators.' })
  masterKeys(@Ctx() context: GraphqlContext): Promise<tokens.MasterKeyState> {
    authorize(context, 'secret.rotate');
    return context.services.readMasterKeyState();
  }

  @Mutation(() => MasterKeyRotation, {
    description:
      'Brings stored secrets under the current master key of the server that answers, a part of them: to be called until nothing remains. May be interrupted and repeated at any time.',
  })
  rotateMasterKey(
    @Ctx() context: GraphqlContext,
    @Arg('limit', () => Int, { defaultValue: 1_000, description: 'How many at most, 1 to 10000.' })
    limit: number,
  ): Promise<tokens.Rotation> {
    authorize(context, 'secret.rotate');
    return context.services.rotateMasterKey(limit);
  }
}
