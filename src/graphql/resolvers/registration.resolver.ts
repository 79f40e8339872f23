import { Arg, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import type * as protocol from '../../protocol/operations.js';
import type { GraphqlContext } from '../context.js';
import { RegisterWorkerInput } from '../inputs/register-worker.input.js';
import { RegisteredWorker, WorkerChallenge } from '../types/worker-answers.js';

/** What a machine does before it has a session. No authorisation: tokens and signatures are in the input. */
@Resolver()
export class RegistrationResolver {
  @Mutation(() => RegisteredWorker, { description: 'Makes a machine a worker, by an enrolment token.' })
  registerWorker(
    @Ctx() context: GraphqlContext,
    @Arg('input', () => RegisterWorkerInput, { description: 'The machine.' }) input: RegisterWorkerInput,
  ): Promise<protocol.RegisteredWorker> {
    return context.services.registerWorker(input);
  }

  @Query(() => WorkerChallenge, {
    description: 'What a worker signs to connect. An unknown worker gets the same kind of answer.',
  })
  async workerChallenge(
    @Ctx() context: GraphqlContext,
    @Arg('workerId', () => ID, { description: 'Worker.' }) workerId: string,
  ): Promise<protocol.WorkerChallenge> {
    return context.services.issueChallenge(workerId);
  }
}
