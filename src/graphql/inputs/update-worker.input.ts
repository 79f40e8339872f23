import { Field, ID, InputType, Int } from 'type-graphql';

/** What is to change about a worker. */
@InputType({
  description:
    'What is to change about a worker. A worker on its socket leaves `workerId` out and may only lower its limit.',
})
export class UpdateWorkerInput {
  @Field(() => ID, { nullable: true, description: 'Worker; for administrators.' })
  readonly workerId?: string | null;

  @Field(() => Int, { nullable: true, description: 'Most builds that it runs at once.' })
  readonly buildLimit?: number | null;

  @Field(() => String, { nullable: true, description: 'Version of its agent; for workers.' })
  readonly version?: string | null;

  @Field(() => Boolean, { nullable: true, description: 'False: no new builds; for workers.' })
  readonly acceptsWork?: boolean | null;
}
