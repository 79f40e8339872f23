import { Arg, Ctx, Mutation, Resolver, Root, Subscription } from 'type-graphql';
import type * as protocol from '../../protocol/messages.js';
import { sessionOf } from '../authorize.js';
import type { GraphqlContext } from '../context.js';
import { AcceptBuildsInput } from '../inputs/accept-builds.input.js';
import {
  AppendLogsInput,
  FinishBuildInput,
  RefuseBuildInput,
  StartBuildInput,
  UpdateStepsInput,
} from '../inputs/build-items.input.js';
import { CreateUploadsInput } from '../inputs/create-uploads.input.js';
import { HeartbeatInput } from '../inputs/heartbeat.input.js';
import { Frame } from '../types/frame.js';
import {
  AcceptAnswer,
  HeartbeatAnswer,
  ItemAnswer,
  ReadyAnswer,
  UploadsAnswer,
} from '../types/worker-answers.js';

const ONE_PER_BUILD = { description: 'One item for each build; each has its own answer, in this order.' };

/** What a worker does on its session's socket, and nobody elsewhere. */
@Resolver()
export class WorkerSessionResolver {
  @Subscription(() => Frame, {
    description: 'The stream that carries the work. One at a time.',
    subscribe: ({ context }) => sessionOf(context as GraphqlContext).frames(),
  })
  buildPackages(@Root() frame: protocol.Frame): protocol.Frame {
    return frame;
  }

  @Mutation(() => ReadyAnswer, { description: 'The stream is read: work may come.' })
  reportReady(@Ctx() context: GraphqlContext): Promise<ReadyAnswer> {
    return sessionOf(context).ready();
  }

  @Mutation(() => HeartbeatAnswer, { description: 'Renews the leases; comes back as a Beat.' })
  heartbeat(
    @Ctx() context: GraphqlContext,
    @Arg('input', () => HeartbeatInput, { description: 'The sign of life.' }) input: HeartbeatInput,
  ): Promise<HeartbeatAnswer> {
    return sessionOf(context).heartbeat(input);
  }

  @Mutation(() => [AcceptAnswer], { description: 'Takes offers.' })
  acceptBuilds(
    @Ctx() context: GraphqlContext,
    @Arg('input', () => AcceptBuildsInput, { description: 'The offers, with the proof.' })
    input: AcceptBuildsInput,
  ): Promise<readonly AcceptAnswer[]> {
    return sessionOf(context).acceptBuilds(input);
  }

  @Mutation(() => [ItemAnswer], { description: 'Gives offers back.' })
  refuseBuilds(
    @Ctx() context: GraphqlContext,
    @Arg('input', () => [RefuseBuildInput], ONE_PER_BUILD) input: RefuseBuildInput[],
  ): Promise<readonly ItemAnswer[]> {
    return sessionOf(context).refuseBuilds(input);
  }

  @Mutation(() => [ItemAnswer], { description: 'Says that builds start.' })
  startBuilds(
    @Ctx() context: GraphqlContext,
    @Arg('input', () => [StartBuildInput], ONE_PER_BUILD) input: StartBuildInput[],
  ): Promise<readonly ItemAnswer[]> {
    return sessionOf(context).startBuilds(input);
  }

  @Mutation(() => [ItemAnswer], { description: 'Says what the steps of builds are doing.' })
  updateSteps(
    @Ctx() context: GraphqlContext,
    @Arg('input', () => [UpdateStepsInput], ONE_PER_BUILD) input: UpdateStepsInput[],
  ): Promise<readonly ItemAnswer[]> {
    return sessionOf(context).updateSteps(input);
  }

  @Mutation(() => [ItemAnswer], { description: 'Adds to logs; a piece may come twice.' })
  appendLogs(
    @Ctx() context: GraphqlContext,
    @Arg('input', () => [AppendLogsInput], ONE_PER_BUILD) input: AppendLogsInput[],
  ): Promise<readonly ItemAnswer[]> {
    return sessionOf(context).appendLogs(input);
  }

  @Mutation(() => [UploadsAnswer], { description: 'Announces files; the same again get the same ids.' })
  createUploads(
    @Ctx() context: GraphqlContext,
    @Arg('input', () => [CreateUploadsInput], ONE_PER_BUILD) input: CreateUploadsInput[],
  ): Promise<readonly UploadsAnswer[]> {
    return sessionOf(context).createUploads(input);
  }

  @Mutation(() => [ItemAnswer], { description: 'Ends builds; the same end again gets the same answer.' })
  finishBuilds(
    @Ctx() context: GraphqlContext,
    @Arg('input', () => [FinishBuildInput], ONE_PER_BUILD) input: FinishBuildInput[],
  ): Promise<readonly ItemAnswer[]> {
    return sessionOf(context).finishBuilds(input);
  }
}
