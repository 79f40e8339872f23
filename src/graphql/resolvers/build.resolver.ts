import { Arg, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import { Artifact } from '../../artifacts/index.js';
import { Build, BuildOutput, Step } from '../../builds/index.js';
import { Job } from '../../jobs/index.js';
import { Worker } from '../../workers/index.js';
import { authorize } from '../authorize.js';
import type { GraphqlContext } from '../context.js';
import { requireRow } from '../require-row.js';

/** Builds. */
@Resolver(() => Build)
export class BuildResolver {
  @Query(() => Build, { nullable: true, description: 'A build.' })
  build(
    @Ctx() context: GraphqlContext,
    @Arg('id', () => ID, { description: 'Its id.' }) id: string,
  ): Promise<Build> {
    authorize(context, 'job.read');
    return requireRow('build', context.loaders.build, id);
  }

  @FieldResolver(() => Job, { description: 'Job that it is an attempt of.' })
  job(@Root() build: Build, @Ctx() { loaders }: GraphqlContext): Promise<Job> {
    return requireRow('job', loaders.job, build.jobId);
  }

  @FieldResolver(() => Worker, { nullable: true, description: 'Worker that it was offered to.' })
  worker(@Root() build: Build, @Ctx() { loaders }: GraphqlContext): Promise<Worker | null> {
    return loaders.worker.load(build.workerId);
  }

  @FieldResolver(() => [Step], { description: 'Its steps, in the order of their numbers.' })
  steps(@Root() build: Build, @Ctx() { loaders }: GraphqlContext): Promise<readonly Step[]> {
    return loaders.stepsOfBuild.load(build.id);
  }

  @FieldResolver(() => [Artifact], { description: 'The files that it has left, by step and path.' })
  artifacts(@Root() build: Build, @Ctx() context: GraphqlContext): Promise<readonly Artifact[]> {
    authorize(context, 'artifact.read');
    return context.loaders.artifactsOfBuild.load(build.id);
  }

  @FieldResolver(() => [BuildOutput], { description: 'What its steps wrote to $SLIPWAY_OUTPUTS, by name.' })
  outputs(@Root() build: Build, @Ctx() { loaders }: GraphqlContext): Promise<readonly BuildOutput[]> {
    return loaders.outputsOfBuild.load(build.id);
  }
}

/** Steps of builds. */
@Resolver(() => Step)
export class StepResolver {
  @FieldResolver(() => ID, { description: 'Opaque id.' })
  id(@Root() step: Step): string {
    return `${step.buildId}:${step.number}`;
  }
}
