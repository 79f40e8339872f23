import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { ValidationError } from '../../base/errors.js';
import { Worker } from '../../workers/index.js';
import { authorize, sessionOf } from '../authorize.js';
import type { GraphqlContext } from '../context.js';
import { readId } from '../ids.js';
import { CreateEnrolmentInput } from '../inputs/create-enrolment.input.js';
import { UpdateWorkerInput } from '../inputs/update-worker.input.js';
import { requireRow } from '../require-row.js';
import { Enrolment } from '../types/account.js';

/** What administrators do to workers, and workers to their own record. */
@Resolver()
export class WorkerAdminResolver {
  @Mutation(() => Enrolment, { description: 'Makes a token with which new machines may register.' })
  createEnrolment(
    @Ctx() context: GraphqlContext,
    @Arg('input', () => CreateEnrolmentInput, { description: 'What they may be.' })
    input: CreateEnrolmentInput,
  ): Promise<Enrolment> {
    authorize(context, 'enrolment.create');
    const labels = Object.fromEntries(input.labels.map(({ name, value }) => [name, value]));
    return context.services.createEnrolment({ ...input, labels });
  }

  @Mutation(() => Worker, { description: 'Changes a worker.' })
  async updateWorker(
    @Ctx() context: GraphqlContext,
    @Arg('input', () => UpdateWorkerInput, { description: 'What is to change.' }) input: UpdateWorkerInput,
  ): Promise<Worker> {
    const { id } = context.session ? await updateOwn(context, input) : await administer(context, input);
    return requireRow('worker', context.loaders.worker.clear(id), id);
  }
}

function updateOwn(context: GraphqlContext, input: UpdateWorkerInput): Promise<{ readonly id: string }> {
  const session = sessionOf(context);
  if (typeof input.workerId === 'string' && input.workerId !== session.workerId) {
    throw ValidationError.of('input.workerId', input.workerId, 'nothing: a worker changes only itself');
  }
  return session.updateWorker({
    ...(typeof input.buildLimit === 'number' && { buildLimit: input.buildLimit }),
    ...(typeof input.version === 'string' && { version: input.version }),
    ...(typeof input.acceptsWork === 'boolean' && { acceptsWork: input.acceptsWork }),
  });
}

function administer(context: GraphqlContext, input: UpdateWorkerInput): Promise<{ readonly id: string }> {
  authorize(context, 'worker.update');
  const { workerId, buildLimit, version, acceptsWork } = input;
  if (typeof workerId !== 'string')
    throw ValidationError.of('input.workerId', workerId, 'the id of a worker');
  if (typeof buildLimit !== 'number' || typeof version === 'string' || typeof acceptsWork === 'boolean') {
    throw ValidationError.of('input', input, '`buildLimit`; the rest is for the worker to say');
  }
  return context.services.updateWorker({ workerId: readId('worker', workerId), buildLimit });
}
